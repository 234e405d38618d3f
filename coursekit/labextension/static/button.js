// The button "Validate" above a homework: it saves, runs `coursekit validate` and shows what that says.
// JupyterLab loads this file as it is: a container of module federation, written by hand.
(() => {
  let shared;
  const library = async (name) => (await Object.values(shared[name])[0].get())();

  const program = (path) => `
import subprocess, sys
from os.path import expanduser
command = [sys.executable, "-X", "utf8", "-m", "coursekit.homework.validate"]
path = expanduser(${JSON.stringify(path)})
done = subprocess.run([*command, path], capture_output=True, encoding="utf-8")
print(done.stdout or done.stderr)`;

  // In a kernel of its own, which sees nothing of the notebook's variables.
  async function validate(app, path) {
    const kernel = await app.serviceManager.kernels.startNew();
    let said = "";
    try {
      const run = kernel.requestExecute({ code: program(path) });
      run.onIOPub = ({ header, content }) => {
        if (header.msg_type === "stream") said += content.text;
        if (header.msg_type === "error") said += `${content.ename}: ${content.evalue}`;
      };
      await run.done;
    } finally {
      await kernel.shutdown();
      kernel.dispose();
    }
    return said.trim();
  }

  async function show(app, context) {
    const { Dialog, showDialog } = await library("@jupyterlab/apputils");
    const { PageConfig } = await library("@jupyterlab/coreutils");
    const { Widget } = await library("@lumino/widgets");
    const node = document.createElement("pre");
    node.className = "coursekit-validate";
    node.style.cssText = "white-space: pre-wrap; max-width: 46rem; max-height: 60vh; overflow: auto";
    node.textContent = "Running your notebook from top to bottom, in a kernel of its own …";
    const title = `Validate ${context.path.split("/").pop()}`;
    showDialog({ title, body: new Widget({ node }), buttons: [Dialog.okButton()] });
    try {
      await context.save();
      const file = app.serviceManager.contents.localPath(context.path);
      node.textContent = await validate(app, `${PageConfig.getOption("serverRoot")}/${file}`);
    } catch (error) {
      node.textContent = `Validate could not run: ${error.message}`;
    }
  }

  const plugin = {
    id: "coursekit:validate",
    description: "The button Validate of a homework.",
    autoStart: true,
    activate: (app) => {
      app.docRegistry.addWidgetExtension("Notebook", {
        createNew: (panel, context) => {
          context.ready.then(async () => {
            if (!context.model.getMetadata("coursekit")) return; // no homework of this course
            const { ToolbarButton } = await library("@jupyterlab/apputils");
            const button = new ToolbarButton({
              label: "Validate",
              tooltip: "Save, run all cells in a new kernel, and say what the checks say",
              onClick: () => show(app, context),
            });
            panel.toolbar.insertItem(10, "coursekit-validate", button);
          });
        },
      });
    },
  };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB.coursekit = {
    init: (scope) => {
      shared = scope;
    },
    get: async () => () => ({ __esModule: true, default: plugin }),
  };
})();
