// An editor for Python in the place of shown code: CodeMirror with the keys of JupyterLab.
import {
  bracketMatching, classHighlighter, defaultKeymap, EditorState, EditorView, highlightSpecialChars,
  history, historyKeymap, indentOnInput, indentUnit, indentWithTab, keymap, lineNumbers, python,
  syntaxHighlighting,
} from "./codemirror.js";

// Tab indents; Escape and then Tab leaves the editor, as CodeMirror's guide to accessibility says.
export function makeEditor(parent, { text, label, readOnly = false, onChange, onRun }) {
  const run = () => (onRun?.(), true);
  const view = new EditorView({
    parent,
    doc: text,
    extensions: [
      keymap.of([{ key: "Shift-Enter", run }, { key: "Mod-Enter", run }, indentWithTab]),
      keymap.of([...defaultKeymap, ...historyKeymap]),
      lineNumbers(), history(), highlightSpecialChars(), indentOnInput(), bracketMatching(),
      python(), indentUnit.of("    "), syntaxHighlighting(classHighlighter),
      EditorState.readOnly.of(readOnly),
      EditorView.contentAttributes.of({ "aria-label": label, "aria-description": "Tab indents; Escape and then Tab leaves", tabindex: "0" }),
      EditorView.updateListener.of((update) => update.docChanged && onChange?.()),
    ],
  });
  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    focus: () => view.focus(),
  };
}
