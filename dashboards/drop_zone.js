// Sends files to the server one after the other, each as the body of a request, which a browser reads from the disk.
export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  const zone = parentElement.querySelector(".zone");
  const input = parentElement.querySelector("input");
  const state = parentElement.querySelector(".state");
  const bar = parentElement.querySelector("progress");

  const say = (words, bad) => {
    state.textContent = words;
    state.classList.toggle("bad", Boolean(bad));
  };

  const send = (file) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      const query = new URLSearchParams({ tray: data.tray, name: file.name });
      request.open("POST", `${data.path}?${query}`);
      request.setRequestHeader("X-Curation-Token", data.token);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.upload.onprogress = (event) => {
        bar.value = event.total ? event.loaded / event.total : 0;
        say(`${file.name}: ${(event.loaded / 1e6).toFixed(1)} of ${(event.total / 1e6).toFixed(1)} MB`);
      };
      request.onload = () => {
        let answer = {};
        try {
          answer = JSON.parse(request.responseText);
        } catch {
          answer = { error: `The server answered ${request.status}.` };
        }
        resolve(request.status === 200 ? "" : answer.error || `The server answered ${request.status}.`);
      };
      request.onerror = () => resolve("The connection broke. Is it a folder? Put its files into a zip.");
      request.send(file);
    });

  const take = async (files) => {
    if (!files.length || zone.classList.contains("busy")) return;
    zone.classList.add("busy");
    bar.hidden = false;
    const failures = [];
    for (const file of files) {
      const failure = await send(file);
      if (failure) failures.push(`${file.name}: ${failure}`);
    }
    bar.hidden = true;
    input.value = "";
    zone.classList.remove("busy");
    say(failures.join(" "), true);
    if (failures.length < files.length) setTriggerValue("received", Date.now());
  };

  input.onchange = () => take([...input.files]);
  zone.ondragover = (event) => {
    event.preventDefault();
    zone.classList.add("over");
  };
  zone.ondragleave = () => zone.classList.remove("over");
  zone.ondrop = (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    take([...event.dataTransfer.files]);
  };
}
