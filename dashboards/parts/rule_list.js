// The rules of a recipe in order. Buttons do all that dragging does; every text is set as text, never as HTML.
let focused = null; // what a reader was at: the button of a rule, which is drawn anew after each change

export default function ({ data, setTriggerValue, parentElement }) {
  const list = parentElement.querySelector("ol");
  const act = (kind, at, to) => {
    focused = { kind, at: to ?? at };
    setTriggerValue("act", { kind, at, to: to ?? at, state: data.state });
  };
  const button = (text, label, enabled, press, kind, at) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.setAttribute("aria-label", label);
    made.title = label;
    made.disabled = !enabled;
    made.onclick = press;
    made.dataset.at = `${kind}:${at}`;
    return made;
  };
  let dragged = null;
  const rows = data.rules.map((rule, at) => {
    const row = document.createElement("li");
    row.className = [rule.on ? "" : "off", at === data.chosen ? "chosen" : "", rule.wrong ? "wrong" : ""].join(" ");
    row.draggable = true;
    const grip = document.createElement("span");
    grip.className = "grip";
    grip.textContent = "⠿";
    grip.setAttribute("aria-hidden", "true");
    const last = data.rules.length - 1;
    const up = button("↑", `Move ${rule.label} up`, at > 0, () => act("move", at, at - 1), "up", at);
    const down = button("↓", `Move ${rule.label} down`, at < last, () => act("move", at, at + 1), "down", at);
    const on = document.createElement("input");
    on.type = "checkbox";
    on.checked = rule.on;
    on.setAttribute("aria-label", `${rule.label} is on`);
    on.dataset.at = `switch:${at}`;
    on.onchange = () => act("switch", at);
    const name = button(rule.label, `${rule.label}: its parameters`, true, () => act("choose", at), "choose", at);
    name.className = "name";
    name.setAttribute("aria-pressed", at === data.chosen);
    const does = document.createElement("span");
    does.className = "does";
    does.textContent = rule.wrong ? `✗ ${rule.wrong}` : rule.does;
    row.onkeydown = (event) => {
      const to = at + (event.key === "ArrowUp" ? -1 : 1);
      if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key) && data.rules[to]) {
        event.preventDefault();
        act("move", at, to);
        focused = { kind: "choose", at: to };
      }
    };
    row.ondragstart = (event) => {
      dragged = at;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", String(at));
    };
    row.ondragover = (event) => {
      if (dragged === null) return;
      event.preventDefault();
      rows.forEach((each) => each.classList.remove("over"));
      row.classList.add("over");
    };
    row.ondragend = () => {
      dragged = null;
      rows.forEach((each) => each.classList.remove("over"));
    };
    row.ondrop = (event) => {
      event.preventDefault();
      if (dragged !== null && dragged !== at) act("move", dragged, at);
      dragged = null;
    };
    row.append(grip, on, name, does, up, down);
    return row;
  });
  list.replaceChildren(...rows);
  if (focused) {
    const kinds = { move: ["up", "down", "choose"] }[focused.kind] ?? [focused.kind];
    const there = kinds.map((kind) => list.querySelector(`[data-at="${kind}:${focused.at}"]:not(:disabled)`));
    there.find(Boolean)?.focus({ preventScroll: true });
    focused = null;
  }
}
