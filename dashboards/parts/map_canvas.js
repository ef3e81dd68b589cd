// A map of posts as points on a canvas: pan, zoom, hover, click, and a selection by drawing around posts.
//
// `data` is one block of bytes: the length of a JSON header (4 bytes), the header, then x and y as 16-bit numbers and a
// colour for each point. A block without points leaves those that are there. Every text is drawn as text, never as HTML.

const REACH = 14;      // pixels around the pointer in which a post is found
const CELLS = 128;     // a side of the index by place
const MOST = 2000;     // rows of a selection that are sent
const WAIT = 250;      // milliseconds without movement after which the server is asked for texts

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".map");
  if (!root) return;
  const map = root.map ??= begin(root);
  map.send = (name, value) => setStateValue(name, value);
  map.take(data);
  return () => map.end();
}

function begin(root) {
  const canvas = root.querySelector("canvas");
  const context = canvas.getContext("2d");
  const tip = root.querySelector(".tip");
  const status = root.querySelector(".status");
  const state = {
    header: null, x: null, y: null, colour: null, texts: new Map(), index: null,
    zoom: 1, left: 0, top: 0, width: 1, height: 1, drawing: false, line: [], pointers: new Map(), moved: 0,
    frame: 0, timer: 0, ringed: [],
  };
  const map = { send: () => {}, take, end };

  // ---- what the server sends

  function take(data) {
    if (!data || !data.byteLength) return;
    const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const size = view.getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
    if (header.points) {
      const from = 4 + size, n = header.points;
      state.x = new Float32Array(n); state.y = new Float32Array(n);
      for (let i = 0; i < n; i++) {
        state.x[i] = view.getUint16(from + 2 * i, true) / 65535;
        state.y[i] = view.getUint16(from + 2 * (n + i), true) / 65535;
      }
      state.colour = bytes.slice(from + 4 * n, from + 5 * n);
      if (!state.header || state.header.map !== header.map) { state.texts.clear(); home(); }
      index();
    } else if (!state.x || !state.header || state.header.version !== header.version) {
      map.send("view", { ...shown(), loaded: "" });  // it holds other points than the server thinks
      return;
    }
    state.header = header;
    state.ringed = header.ringed;
    header.rows.forEach((row, place) => state.texts.set(row, header.texts[place]));
    if (header.points) map.send("view", { ...shown(), loaded: header.version });
    canvas.setAttribute("aria-label", header.words);
    root.dataset.drawn = header.version;
    draw();
  }

  function index() {
    const n = state.x.length, counts = new Int32Array(CELLS * CELLS + 1), cell = new Int32Array(n);
    for (let i = 0; i < n; i++) counts[(cell[i] = cellOf(state.x[i], state.y[i])) + 1]++;
    for (let c = 0; c < CELLS * CELLS; c++) counts[c + 1] += counts[c];
    const next = counts.slice(), rows = new Int32Array(n);
    for (let i = 0; i < n; i++) rows[next[cell[i]]++] = i;
    state.index = { begins: counts, rows };
  }

  function cellOf(x, y) {
    const at = (v) => Math.min(CELLS - 1, Math.max(0, Math.floor(v * CELLS)));
    return at(y) * CELLS + at(x);
  }

  // ---- places: the map is the unit square with y upwards

  function side() { return Math.min(state.width, state.height) * 0.94 * state.zoom; }
  function toX(x) { return (x - state.left) * side(); }
  function toY(y) { return (1 - y - state.top) * side(); }
  function fromX(px) { return px / side() + state.left; }
  function fromY(py) { return 1 - (py / side() + state.top); }
  function home() {
    state.zoom = 1;
    state.left = 0.5 - state.width / side() / 2;
    state.top = 0.5 - state.height / side() / 2;
  }
  function shown() {
    return { x0: fromX(0), y0: fromY(state.height), x1: fromX(state.width), y1: fromY(0) };
  }
  function zoomAt(px, py, factor) {
    const x = fromX(px), y = fromY(py);
    state.zoom = Math.min(400, Math.max(0.7, state.zoom * factor));
    state.left = x - px / side();
    state.top = 1 - y - py / side();
    changed();
  }
  function changed() {
    draw();
    clearTimeout(state.timer);
    state.timer = setTimeout(() => state.header && map.send("view", { ...shown(), loaded: state.header.version }), WAIT);
  }

  // ---- drawing

  function draw() { state.frame ||= requestAnimationFrame(paint); }

  function paint() {
    state.frame = 0;
    if (!state.header || !state.x || !canvas.width) return;
    const ratio = canvas.width / state.width, w = canvas.width, h = canvas.height;
    const image = context.createImageData(w, h), pixels = new Uint32Array(image.data.buffer);
    const palette = state.header.palette.map(([r, g, b]) => (255 << 24) | (b << 16) | (g << 8) | r);
    const scale = side() * ratio, left = state.left * scale, top = state.top * scale;
    const near = Math.sqrt(state.x.length) / Math.max(state.zoom, 1) / Math.min(state.width, state.height);
    const radius = Math.max(0, Math.min(5, Math.round(ratio * Math.min(4.5, 0.28 / near)))), r2 = radius * radius + 0.5;
    for (let i = 0; i < state.x.length; i++) {
      const px = Math.round(state.x[i] * scale - left), py = Math.round((1 - state.y[i]) * scale - top);
      if (px < -radius || py < -radius || px >= w + radius || py >= h + radius) continue;
      const colour = palette[state.colour[i]];
      for (let v = Math.max(0, py - radius); v <= Math.min(h - 1, py + radius); v++) {
        for (let u = Math.max(0, px - radius); u <= Math.min(w - 1, px + radius); u++) {
          if ((u - px) * (u - px) + (v - py) * (v - py) <= r2) pixels[v * w + u] = colour;
        }
      }
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.putImageData(image, 0, 0);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(root);
    rings(style.color);
    names(style.color, style.getPropertyValue("--st-background-color") || "#fff");
    if (state.line.length > 1) {
      context.beginPath();
      state.line.forEach(([x, y], place) => (place ? context.lineTo(x, y) : context.moveTo(x, y)));
      context.closePath();
      context.strokeStyle = style.color; context.lineWidth = 1.5; context.setLineDash([5, 4]); context.stroke();
      context.setLineDash([]);
    }
  }

  function rings(colour) {
    context.strokeStyle = colour; context.lineWidth = 2;
    state.ringed.forEach((row, place) => {
      context.beginPath();
      context.arc(toX(state.x[row]), toY(state.y[row]), place ? 5 : 8, 0, 7);
      context.stroke();
    });
  }

  function names(colour, halo) {
    context.font = "600 13px system-ui, sans-serif"; context.textAlign = "center"; context.textBaseline = "middle";
    context.lineJoin = "round"; context.lineWidth = 4;
    const taken = [];
    for (const name of state.header.names) {
      const x = toX(name.x), y = toY(name.y);
      if (x < 0 || y < 0 || x > state.width || y > state.height) continue;
      const half = context.measureText(name.text).width / 2 + 4, at = Math.min(Math.max(x, half), state.width - half);
      if (taken.some((box) => Math.abs(box.x - at) < box.half + half && Math.abs(box.y - y) < 19)) continue;
      taken.push({ x: at, y, half });
      context.strokeStyle = halo; context.strokeText(name.text, at, y);
      context.fillStyle = colour; context.fillText(name.text, at, y);
    }
  }

  // ---- finding posts

  function nearest(px, py, among) {
    if (!state.index) return -1;
    const reach = REACH / side(), x = fromX(px), y = fromY(py);
    let best = -1, least = reach * reach;
    for (let v = Math.floor((y - reach) * CELLS); v <= Math.floor((y + reach) * CELLS); v++) {
      for (let u = Math.floor((x - reach) * CELLS); u <= Math.floor((x + reach) * CELLS); u++) {
        if (u < 0 || v < 0 || u >= CELLS || v >= CELLS) continue;
        for (let at = state.index.begins[v * CELLS + u]; at < state.index.begins[v * CELLS + u + 1]; at++) {
          const row = state.index.rows[at];
          const distance = (state.x[row] - x) ** 2 + (state.y[row] - y) ** 2;
          if (distance < least && (!among || among.has(row))) { least = distance; best = row; }
        }
      }
    }
    return best;
  }

  function hover(px, py) {
    const row = nearest(px, py, state.texts);
    tip.hidden = row < 0;
    if (row < 0) return;
    tip.textContent = state.texts.get(row);
    const x = toX(state.x[row]), y = toY(state.y[row]);
    tip.style.left = `${Math.max(0, Math.min(x + 12, state.width - tip.offsetWidth - 4))}px`;
    tip.style.top = `${y + 14 + tip.offsetHeight > state.height ? Math.max(0, y - tip.offsetHeight - 10) : y + 14}px`;
  }

  function select() {
    const line = state.line.map(([px, py]) => [fromX(px), fromY(py)]), rows = [];
    let number = 0;
    const xs = line.map((p) => p[0]), ys = line.map((p) => p[1]);
    const [x0, x1, y0, y1] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    for (let i = 0; i < state.x.length; i++) {
      const x = state.x[i], y = state.y[i];
      if (x < x0 || x > x1 || y < y0 || y > y1) continue;
      let inside = false;
      for (let a = 0, b = line.length - 1; a < line.length; b = a++) {
        if (line[a][1] > y !== line[b][1] > y
          && x < ((line[b][0] - line[a][0]) * (y - line[a][1])) / (line[b][1] - line[a][1]) + line[a][0]) inside = !inside;
      }
      if (inside && number++ < MOST) rows.push(i);
    }
    status.textContent = number ? `${number.toLocaleString("en")} posts chosen` : "No post there";
    map.send("picked", { rows, number, map: state.header.map });
  }

  // ---- the pointer, the wheel, the keyboard and the buttons

  const at = (event) => { const box = canvas.getBoundingClientRect(); return [event.clientX - box.left, event.clientY - box.top]; };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    state.pointers.set(event.pointerId, at(event));
    state.moved = 0;
    if ((state.drawing || event.shiftKey) && state.pointers.size === 1) state.line = [at(event)];
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = at(event), before = state.pointers.get(event.pointerId);
    if (!before) { hover(x, y); return; }
    state.moved += Math.abs(x - before[0]) + Math.abs(y - before[1]);
    if (state.line.length) { state.line.push([x, y]); draw(); }
    else if (state.pointers.size === 2) {
      const other = [...state.pointers].find(([id]) => id !== event.pointerId)[1];
      const far = Math.hypot(x - other[0], y - other[1]), was = Math.hypot(before[0] - other[0], before[1] - other[1]);
      if (was > 0) zoomAt((x + other[0]) / 2, (y + other[1]) / 2, far / was);
    } else {
      state.left -= (x - before[0]) / side(); state.top -= (y - before[1]) / side();
      tip.hidden = true;
      changed();
    }
    state.pointers.set(event.pointerId, [x, y]);
  });
  const up = (event) => {
    if (!state.pointers.delete(event.pointerId)) return;
    const [x, y] = at(event), drawn = state.line.length > 2 && state.moved > 12;
    if (drawn) select();
    else if (event.type === "pointerup" && state.moved < 6) {
      const row = nearest(x, y);
      if (row >= 0) map.send("picked", { rows: [row], number: 1, map: state.header.map });
      hover(x, y);
    }
    state.line = [];
    draw();
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", () => { tip.hidden = true; });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoomAt(...at(event), Math.exp(-event.deltaY * 0.0016));
  }, { passive: false });
  const middle = (factor) => zoomAt(state.width / 2, state.height / 2, factor);
  const deeds = {
    in: () => middle(1.6), out: () => middle(1 / 1.6), home: () => { home(); changed(); },
    select: (button) => {
      state.drawing = !state.drawing;
      button.setAttribute("aria-pressed", String(state.drawing));
      canvas.style.cursor = state.drawing ? "crosshair" : "grab";
    },
  };
  root.querySelectorAll("button").forEach((button) => button.addEventListener("click", () => deeds[button.name](button)));
  const keys = {
    ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
  };
  canvas.addEventListener("keydown", (event) => {
    if (keys[event.key]) {
      state.left += (keys[event.key][0] * 60) / side(); state.top += (keys[event.key][1] * 60) / side(); changed();
    } else if (event.key === "+" || event.key === "=") middle(1.4);
    else if (event.key === "-") middle(1 / 1.4);
    else if (event.key === "0") { home(); changed(); }
    else return;
    event.preventDefault();
  });

  const watch = new ResizeObserver(() => {
    const box = canvas.getBoundingClientRect(), ratio = Math.min(2, window.devicePixelRatio || 1);
    if (!box.width || !box.height) return;
    const first = state.width === 1, wide = shown();
    state.width = box.width; state.height = box.height;
    canvas.width = Math.round(box.width * ratio); canvas.height = Math.round(box.height * ratio);
    if (first) home();
    else { state.left = (wide.x0 + wide.x1) / 2 - box.width / side() / 2; }
    draw();
  });
  watch.observe(canvas);

  function end() { clearTimeout(state.timer); }
  return map;
}
