// Facets: lists of values with counts and bars. Every string becomes a text node.

const OPEN = 'curation:facets-open', FEW = 6, MANY = 12, WAIT = 250;
const lists = new WeakMap();
const expanded = new Set();  // facets that show all values, while the tab is open
let number = 0;              // of the last choice, so that a late answer to an earlier one changes nothing

function element(name, attributes = {}, ...inner) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== false && value !== undefined) made.setAttribute(key, value === true ? '' : value);
  made.append(...inner);
  return made;
}

// Which facets somebody opened or closed, by place and name; a place has its own habits.
function habits() {
  try { return JSON.parse(localStorage.getItem(OPEN)) || {}; } catch { return {}; }
}

function remember(name, open) {
  try { localStorage.setItem(OPEN, JSON.stringify({...habits(), [name]: open})); } catch { /* a browser may forbid it */ }
}

class FacetList {
  constructor(parent, send) {
    this.send = send;
    this.facets = new Map();
    this.root = element('div', {class: 'facets'});
    parent.append(this.root);
  }

  show(data) {
    this.place = data.wide ? 'wide:' : '';
    this.root.classList.toggle('facets-wide', Boolean(data.wide));
    const names = data.facets.map(facet => facet.name);
    for (const [name, facet] of this.facets)
      if (!names.includes(name)) { facet.root.remove(); this.facets.delete(name); }
    data.facets.forEach((each, at) => {
      const facet = this.facets.get(each.name) || new Facet(this, each.name, !data.folded.includes(each.name));
      this.facets.set(each.name, facet);
      if (this.root.children[at] !== facet.root) this.root.insertBefore(facet.root, this.root.children[at] || null);
      facet.take(each, data.found && data.found.facet === each.name ? data.found : null, data.seen);
    });
  }
}

class Facet {
  constructor(list, name, open) {
    this.list = list;
    this.name = name;
    this.number = 0;   // of the last choice in it
    this.lines = new Map();  // the elements of each value
    this.label = element('span', {class: 'facet-label'});
    this.note = element('span', {class: 'facet-note'});
    this.find = element('input', {type: 'search', class: 'facet-find', autocomplete: 'off'});
    this.values = element('div', {class: 'facet-values', role: 'group'});
    this.more = element('button', {type: 'button', class: 'facet-more'});
    this.empty = element('p', {class: 'facet-note'});
    this.root = element('details', {class: 'facet', 'data-facet': name, open: habits()[list.place + name] ?? open},
      element('summary', {}, this.label, this.note), this.find, this.values, this.empty, this.more);
    this.root.addEventListener('toggle', () => remember(list.place + name, this.root.open));
    this.more.addEventListener('click', () => {
      if (expanded.has(name)) expanded.delete(name); else expanded.add(name);
      this.draw();
      if (expanded.has(name)) (this.find.hidden ? this.values.querySelector('input') : this.find)?.focus();
    });
    this.find.addEventListener('input', () => this.search());
    this.find.addEventListener('keydown', event => {
      if (event.key === 'ArrowDown') { event.preventDefault(); this.boxes()[0]?.focus(); }
      if (event.key === 'Escape' && this.find.value) { event.preventDefault(); this.find.value = ''; this.search(); }
    });
    this.values.addEventListener('keydown', event => this.key(event));
    this.values.addEventListener('change', () => this.choose());
  }

  boxes() { return [...this.values.querySelectorAll('input')]; }

  take(data, found, seen) {
    this.data = data;
    if (!this.number || seen === this.number || !this.chosen) this.chosen = new Set(data.chosen);
    this.found = found;
    this.label.textContent = data.label;
    this.root.querySelector('summary').title = data.doc;
    this.values.setAttribute('aria-label', data.label);
    this.find.setAttribute('aria-label', `Find: ${data.label}`);
    this.find.placeholder = `find among ${data.number.toLocaleString('en')}`;
    this.draw();
  }

  get text() { return this.find.hidden ? '' : this.find.value.trim().toLowerCase(); }

  // The values to show: the first, all, or those that are searched for; a chosen one is always there.
  rows() {
    const {values, number} = this.data;
    if (this.text) {
      const all = values.length < number && this.found && this.found.text.toLowerCase() === this.text;
      return all ? this.found.values : values.filter(([, label]) => label.toLowerCase().includes(this.text));
    }
    if (expanded.has(this.name) || values.length <= FEW + 1) return values;
    return values.filter(([value], at) => at < FEW || this.chosen.has(value));
  }

  draw() {
    const {values, number, label} = this.data;
    this.find.hidden = number <= MANY || !expanded.has(this.name);
    const rows = this.rows(), most = Math.max(1, ...values.map(([, , posts]) => posts));
    this.note.textContent = this.chosen.size ? `${this.chosen.size} chosen` : '';
    const focused = this.values.contains(document.activeElement) ? document.activeElement : null;
    // The same value keeps its elements, so that a finger or the keyboard on one of them is not lost.
    const lines = rows.map(row => this.line(row, most));
    if (lines.some((line, at) => this.values.children[at] !== line) || this.values.children.length > lines.length) {
      this.values.replaceChildren(...lines);
      if (focused && this.values.contains(focused)) focused.focus();
    }
    const boxes = this.boxes(), stop = boxes.includes(focused) ? focused : boxes[0];
    for (const box of boxes) box.tabIndex = box === stop ? 0 : -1;
    const left = number - values.length;
    this.empty.textContent = this.text && !rows.length ? `No ${label.toLowerCase()} has this in it.`
      : expanded.has(this.name) && !this.text && left > 0 ? `and ${left.toLocaleString('en')} more, found by their name` : '';
    this.empty.hidden = !this.empty.textContent;
    const open = expanded.has(this.name);
    this.more.hidden = values.length <= FEW + 1;
    this.more.textContent = open ? 'Fewer' : `All ${number.toLocaleString('en')}`;
    this.more.setAttribute('aria-label', open ? `Fewer: ${label}` : `All ${number}: ${label}`);
    this.values.classList.toggle('facet-long', open);
  }

  line([value, words, posts, colour], most) {
    if (!this.lines.has(value)) {
      const box = element('input', {type: 'checkbox'}), bar = element('i', {'aria-hidden': 'true'});
      const word = element('span', {class: 'facet-word', dir: 'auto'}), count = element('span', {class: 'facet-count'});
      box.value = value;
      this.lines.set(value, {box, bar, word, count, root: element('label', {class: 'facet-value'}, bar, box, word, count)});
    }
    const {root, box, bar, word, count} = this.lines.get(value);
    box.checked = this.chosen.has(value);
    bar.style.width = `${Math.max(posts ? 1 : 0, Math.min(100, 100 * posts / most))}%`;
    bar.style.background = colour ? `color-mix(in srgb, ${colour} 45%, transparent)` : '';
    root.title = words;
    if (word.textContent !== words) word.textContent = words;
    count.textContent = posts.toLocaleString('en');
    return root;
  }

  search() {
    this.draw();
    clearTimeout(this.timer);
    if (this.text && this.data.values.length < this.data.number)
      this.timer = setTimeout(() => this.list.send('find', {facet: this.name, text: this.text}), WAIT);
  }

  choose() {
    for (const box of this.boxes()) if (box.checked) this.chosen.add(box.value); else this.chosen.delete(box.value);
    this.number = number = Math.max(number + 1, Date.now());
    this.note.textContent = this.chosen.size ? `${this.chosen.size} chosen` : '';
    this.list.send('chosen', {facet: this.name, values: [...this.chosen], number: this.number});
  }

  key(event) {
    const boxes = this.boxes(), at = boxes.indexOf(document.activeElement);
    const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: boxes.length - 1}[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    if (to < 0) { if (!this.find.hidden) this.find.focus(); return; }
    if (to >= boxes.length) return;
    boxes[at].tabIndex = -1;
    boxes[to].tabIndex = 0;
    boxes[to].focus();
  }
}

export default function(component) {
  const {data, parentElement, setTriggerValue} = component;
  if (!lists.has(parentElement)) lists.set(parentElement, new FacetList(parentElement, setTriggerValue));
  const list = lists.get(parentElement);
  list.send = setTriggerValue;
  list.show(data);
}
