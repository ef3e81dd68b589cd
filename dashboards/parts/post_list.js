// The list of posts: rows, keys, and decisions by hand.
//
// Every string of a post becomes a text node. Decisions go to the server in batches, one batch at a time; each stays
// in the outbox until the server has written it, through reloads too. The server's answer names the last one written.

const OUTBOX = 'curation:decisions', DENSITY = 'curation:density', PATIENCE = 8000;
const lists = new WeakMap();
// Undo reaches back over pages of posts, so these outlive a list.
const undoable = [];
const tab = Math.random().toString(36).slice(2);
let number = 0;      // of the last decision
let answered = 0;    // the last answer of the server
let saved = 0;       // decisions that it has written
let opened = '';     // the post whose details were opened last

const KEYS = [
  ['j', 'next post'], ['k', 'previous post'], ['x', 'remove'], ['s', 'keep'], ['u', 'undo'], ['o', 'details'],
  ['n', 'note on a decision'], ['/', 'search'], ['?', 'this list'],
];

function element(name, attributes = {}, ...inner) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key === 'onclick') made.addEventListener('click', value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value !== undefined) made.setAttribute(key, value);
  made.append(...inner);
  return made;
}

const stored = (storage, key, otherwise) => {
  try { return JSON.parse(storage().getItem(key)) ?? otherwise; } catch { return otherwise; }
};
const store = (storage, key, value) => {
  try { storage().setItem(key, JSON.stringify(value)); } catch { /* a browser may forbid it */ }
};
const session = () => window.sessionStorage, local = () => window.localStorage;

function isTyped(target) {
  return target instanceof Element && (target.isContentEditable || target.closest(
    'input, textarea, select, [role="combobox"], [role="textbox"], [role="slider"], [role="listbox"], [role="menu"]'));
}

class PostList {
  constructor(parent) {
    this.current = -1;
    this.outbox = [];
    this.sent = 0;        // the last decision of the batch that is on its way; 0: none is
    this.waiting = null;  // what to do once everything is written
    this.root = element('div', {class: 'posts'});
    parent.append(this.root);
    this.onKey = event => this.key(event);
    this.onLeave = event => { if (this.outbox.length) event.preventDefault(); };
    document.addEventListener('keydown', this.onKey);
    window.addEventListener('beforeunload', this.onLeave);
  }

  close() {
    document.removeEventListener('keydown', this.onKey);
    window.removeEventListener('beforeunload', this.onLeave);
    clearTimeout(this.timer);
    this.root.remove();
  }

  update(data, trigger) {
    this.trigger = trigger;
    const before = this.data;
    this.data = data;
    if (!before || before.list !== data.list) this.draw(before);
    this.receive(data.answer);
    data.rows.forEach((_, place) => this.mark(place));
    this.tell();
    if (this.outbox.length && !this.sent && !this.failure) this.flush();
  }

  // Drawing

  draw(before) {
    const {data} = this, here = before?.rows[this.current]?.post;
    const focused = this.root.contains(document.activeElement);
    this.place = `${OUTBOX}:${data.workspace}`;
    if (!before) this.outbox = stored(session, this.place, []);
    number = Math.max(number, ...this.outbox.map(each => each.number), 0);
    this.root.replaceChildren();
    this.live = element('div', {class: 'unread', role: 'status', 'aria-live': 'polite'});
    this.state = element('span', {class: 'aside state'});
    this.alarm = element('div', {class: 'failed', role: 'alert', hidden: true});
    this.rows = data.rows.map((row, place) => this.row(row, place));
    const feed = element('div', {role: 'feed', 'aria-label': data.label}, ...this.rows);
    this.root.append(this.live, this.bar(true), this.alarm, feed);
    if (data.pages > 1) this.root.append(this.bar(false));
    this.root.append(this.help());
    this.dense(stored(local, DENSITY, 'compact'));
    if (this.rows.length) this.rows[0].tabIndex = 0;
    this.resume(before, here, focused);
  }

  // Where the reader was: at a turned page's end, at the post whose details were open, or at the same post as before.
  resume(before, here, focused) {
    const {data} = this, at = post => data.rows.findIndex(row => row.post === post);
    this.current = -1;
    if (data.single) {
      if (!before) document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
      return this.select(0, false);
    }
    if (before && before.page !== data.page && this.turned) {
      this.root.scrollIntoView({block: 'start'});
      this.select(this.turned > 0 ? 0 : this.rows.length - 1);
    } else if (at(opened) >= 0) this.select(at(opened));
    else if (at(here) >= 0) this.select(at(here), focused);
    this.turned = 0;
    opened = '';
  }

  bar(top) {
    const {data} = this, made = element('div', {class: 'posts-bar'});
    if (top) made.append(element('span', {class: 'count'}, data.caption), this.state);
    if (data.pages > 1) {
      const to = page => Math.min(data.pages, Math.max(1, page));
      const field = element('input', {type: 'number', min: 1, max: data.pages, value: data.page, 'aria-label': 'Page'});
      field.addEventListener('change', () => field.value && this.turn(to(Math.round(+field.value))));
      const button = (words, label, page) => element('button', {
        'aria-label': label, disabled: page !== to(page), onclick: () => this.turn(page)}, words);
      made.append(element('nav', {'aria-label': top ? 'Pages' : 'Pages, below the posts'},
        button('‹', 'Previous page', data.page - 1), field, element('span', {}, `of ${data.pages.toLocaleString('en')}`),
        button('›', 'Next page', data.page + 1)));
    }
    if (top && !data.single) {
      this.density = element('button', {class: 'density', onclick: () => this.dense(
        this.root.classList.contains('compact') ? 'comfortable' : 'compact', true)});
      made.append(this.density);
    }
    if (top && !data.writable && !data.single) made.append(element('span', {class: 'aside', title: data.refusal}, 'Read only'));
    if (top) made.append(element('button', {class: 'keyboard', onclick: () => this.dialog.showModal()}, 'Keys ?'));
    return made;
  }

  dense(how, chosen = false) {
    const now = this.data.single || how === 'comfortable' ? 'comfortable' : 'compact';
    this.root.classList.toggle('compact', now === 'compact');
    this.root.classList.toggle('comfortable', now === 'comfortable');
    if (chosen) store(local, DENSITY, now);
    if (this.density) this.density.textContent = now === 'compact' ? 'Comfortable' : 'Compact';
  }

  help() {
    const list = element('dl');
    for (const [key, words] of KEYS) list.append(element('dt', {}, element('kbd', {}, key)), element('dd', {}, words));
    this.dialog = element('dialog', {'aria-label': 'Keys'}, element('strong', {}, 'Keys'), list,
      element('button', {onclick: () => this.dialog.close()}, 'Close'));
    return this.dialog;
  }

  row(row, place) {
    const {data} = this, id = `post-${place}`;
    const who = element('strong', {class: 'who'}, element('bdi', {}, `@${row.author}`));
    if (row.name) who.title = row.name;
    const facts = element('div', {class: 'facts', id: `${id}-facts`}, who,
      element('span', {class: 'aside', title: 'UTC'}, row.at), element('span', {class: 'aside'}, row.kind));
    if (data.platforms) facts.append(element('span', {class: 'aside'}, row.platform));
    const badge = element('span', {class: 'badge'}), pin = element('span', {class: 'pin', hidden: true});
    facts.append(badge, pin);
    const rest = element('span', {class: 'aside also'});
    if (row.original)
      rest.append(this.link(row.original, 'the kept post', ''), row.reasons.length > 1 || row.changed ? ' · ' : '');
    if (row.reasons.length > 1) rest.append(`also: ${row.reasons.slice(1).join('; ')}`, row.changed ? ' · ' : '');
    if (row.changed) rest.append(`changed: ${row.changed}`);
    rest.title = rest.textContent;
    facts.append(rest);
    const deeds = element('span', {class: 'deeds'});
    if (data.writable)
      for (const [want, words] of [['kept', 'Keep'], ['removed', 'Remove']])
        deeds.append(element('button', {class: want === 'kept' ? 'keep' : 'remove', 'aria-pressed': 'false',
          'aria-label': `${words} the post of ${row.author}, ${row.at}`, tabindex: -1,
          onclick: () => this.decide(place, this.pin(row.post)?.want === want ? 'none' : want)}, words));
    if (!data.single) deeds.append(this.link(row.post, 'Details', 'deed'));
    const words = element('p', {class: 'words', dir: 'auto', id: `${id}-words`});
    for (const [what, text] of row.text) words.append(what ? this.piece(what.split(' '), text) : text);
    if (!row.text.length) words.append(element('span', {class: 'aside'}, '(nothing)'));
    if (row.more) words.append(` … ${row.more.toLocaleString('en')} more characters`);
    const note = data.single && data.writable ? this.notice(place) : element('p', {class: 'note', hidden: true});
    const made = element('article', {tabindex: -1, 'aria-posinset': data.first + place, 'aria-setsize': data.posts,
      'aria-labelledby': `${id}-facts ${id}-words`, 'data-post': row.post}, facts, words, note, deeds);
    made.addEventListener('focusin', () => this.select(place, false));
    Object.assign(made, {badge, pinned: pin, note});
      return made;
  }

  // A field for the note of a decision.
  notice(place) {
    const field = element('input', {type: 'text', maxlength: 2000, placeholder: 'why, for whoever reads the pins'});
    field.addEventListener('change', () => {
      const row = this.data.rows[place], pin = this.pin(row.post);
      if (!pin) return;
      this.put({post: row.post, want: pin.want, note: field.value, queue: this.data.queue});
      this.say('Note saved.');
    });
    return Object.assign(element('label', {class: 'note', hidden: true}, 'Note', field), {field});
  }

  // The note of a decision in the list, until the field is left; Enter saves it, Escape leaves it as it was.
  annotate(place) {
    const made = this.rows[place], row = this.data.rows[place];
    if (!made || !this.data.writable) return;
    if (!this.pin(row.post)) { this.say('Keep or remove the post first: a note belongs to a decision.'); return; }
    if (!made.note.field) {
      const shown = made.note, label = this.notice(place), {field} = label;
      shown.replaceWith(label);
      made.note = label;
      field.addEventListener('keydown', event => {
        if (event.key === 'Escape') field.value = this.pin(row.post)?.note ?? '';
        if (event.key === 'Escape' || event.key === 'Enter') made.focus();
      });
      field.addEventListener('blur', () => {
        if (made.note !== label) return;
        made.note = shown;
        label.replaceWith(shown);
        this.mark(place);
      });
    }
    this.mark(place);
    made.note.field.focus();
  }

  piece(tags, text) {
    return tags.reduceRight((inner, tag) => element({del: 'del', ins: 'ins', mark: 'mark'}[tag] ?? 'span', {}, inner), text);
  }

  link(post, words, kind) {
    const made = element('a', {class: kind, href: `${this.data.address}&post=${encodeURIComponent(post)}`,
      tabindex: -1, onclick: event => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        this.open(post);
      }}, words);
    return made;
  }

  // What is decided

  pin(post) {
    for (let at = this.outbox.length - 1; at >= 0; at -= 1) {
      const each = this.outbox[at];
      if (each.post === post) return each.want === 'none' ? null : {want: each.want, note: each.note ?? '', unsaved: true};
    }
    return this.data.pins[post] ?? null;
  }

  mark(place) {
    const row = this.data.rows[place], made = this.rows[place], pin = this.pin(row.post);
    const verdict = pin ? pin.want : row.recipe;
    const by = pin ? `${pin.want === 'kept' ? 'Kept' : 'Removed'} by hand`
      : row.reasons.length ? row.reasons[0] : 'kept';
    made.badge.textContent = `${verdict === 'kept' ? '✓' : '✗'} ${by}`;
    made.badge.title = pin ? `The recipe alone: ${row.reasons[0] ?? 'kept'}` : by;
    made.badge.className = `badge ${verdict}`;
    if (verdict === 'removed' && !pin && row.colour) made.badge.style.setProperty('--rule', row.colour);
    else made.badge.style.removeProperty('--rule');
    made.className = verdict;
    made.style.borderInlineStartColor = verdict === 'removed' && !pin ? row.colour : '';
    const later = verdict !== row.now || (pin ? pin.want !== row.recipe && !row.applied : row.applied);
    const alone = pin?.want === row.recipe ? 'as the recipe does'
      : row.reasons.length ? `the recipe alone: ${row.reasons[0]}` : 'the recipe alone keeps it';
    const words = pin?.unsaved ? 'saving …' : later ? 'applies at the next run' : pin ? alone : '';
    made.pinned.textContent = words && pin?.by ? `${words} · by ${pin.by}` : words;
    made.pinned.hidden = !words;
    const {field} = made.note;
    if (field) {
      made.note.hidden = !pin;
      if (document.activeElement !== field) field.value = pin?.note ?? '';
    } else {
      made.note.textContent = pin?.note ? `Note: ${pin.note}` : '';
      made.note.hidden = !pin?.note;
    }
    for (const button of made.querySelectorAll('.deeds button'))
      button.setAttribute('aria-pressed', String(pin?.want === (button.classList.contains('keep') ? 'kept' : 'removed')));
  }

  decide(place, want, moving = false) {
    const row = this.data.rows[place];
    if (!row || !this.data.writable) return;
    const before = this.pin(row.post);
    if ((before?.want ?? 'none') !== want) {
      undoable.push({post: row.post, author: row.author, want: before?.want ?? 'none', note: before?.note});
      this.put({post: row.post, want, note: before?.note, queue: this.data.queue});
      this.say(`${this.deed(want)}: the post of ${row.author}.`);
    } else this.say(`${this.deed(want)} already.`);
    this.mark(place);
    if (moving && place + 1 < this.rows.length) this.select(place + 1);
  }

  deed(want) {
    return {kept: 'Kept by hand', removed: 'Removed by hand', none: 'Decision taken back'}[want];
  }

  undo() {
    const last = undoable.pop();
    if (!last) return this.say('Nothing to undo.');
    this.put({post: last.post, want: last.want, note: last.note || undefined, queue: this.data.queue});
    this.say(`Undone: the post of ${last.author}.`);
    const place = this.data.rows.findIndex(row => row.post === last.post);
    if (place >= 0) { this.mark(place); this.select(place); }
  }

  put(decision) {
    number += 1;
    this.outbox.push({number, ...decision});
    this.remember();
    this.flush();
    this.tell();
  }

  remember() { store(session, this.place, this.outbox); }

  flush() {
    if (this.sent || !this.outbox.length) return;
    this.failure = '';
    this.sent = this.outbox[this.outbox.length - 1].number;
    this.trigger('decided', {tab, decisions: this.outbox});
    clearTimeout(this.timer);
    this.timer = setTimeout(() => { this.sent = 0; this.flush(); }, PATIENCE);
  }

  receive(answer) {
    if (!answer || answer.tab !== tab || answer.number <= answered) return;
    answered = answer.number;
    clearTimeout(this.timer);
    this.sent = 0;
    this.failure = answer.error ?? '';
    if (this.failure) return;
    this.outbox = this.outbox.filter(each => each.number > answer.number);
    this.remember();
    saved += answer.count;
    if (this.outbox.length) return;
    if (this.waiting) { const next = this.waiting; this.waiting = null; next(); }
  }

  tell() {
    const unsaved = this.outbox.length;
    this.state.textContent = unsaved ? `Saving ${unsaved} …` : saved ? `${saved} saved` : '';
    this.alarm.hidden = !this.failure;
    if (this.failure)
      this.alarm.replaceChildren(`${unsaved} not saved: ${this.failure} `,
        element('button', {onclick: () => this.again()}, 'Try again'));
  }

  again() {
    // New numbers, so that the answer to them is a new one.
    this.outbox = this.outbox.map(each => ({...each, number: (number += 1)}));
    this.remember();
    this.flush();
    this.tell();
  }

  say(words) { this.live.textContent = words; }

  // Moving

  select(place, focus = true) {
    const made = this.rows[place];
    if (!made) return;
    if (this.current !== place) {
      this.rows.forEach((each, at) => {
        const here = at === place;
        if (each.tabIndex === (here ? 0 : -1) && here === (each.getAttribute('aria-current') === 'true')) return;
        each.tabIndex = here ? 0 : -1;
        if (here) each.setAttribute('aria-current', 'true'); else each.removeAttribute('aria-current');
        for (const inner of each.querySelectorAll('button, a')) inner.tabIndex = here ? 0 : -1;
      });
      this.current = place;
    }
    if (!focus) return;
    made.focus({preventScroll: true});
    made.scrollIntoView({block: 'nearest'});
  }

  move(by) {
    const next = this.current < 0 ? 0 : this.current + by;
    if (next >= 0 && next < this.rows.length) return this.select(next);
    const page = this.data.page + by;
    if (this.data.pages > 1 && page >= 1 && page <= this.data.pages) this.turn(page, by);
  }

  // The server forgets a request that another one of this list overtakes, so these wait for decisions.
  after(act) {
    if (this.outbox.length && !this.failure) this.waiting = act; else act();
  }

  turn(page, by = 1) {
    if (page === this.data.page) return;
    this.turned = by;
    this.after(() => this.trigger('turn', page));
  }

  open(post) {
    opened = post;
    this.after(() => this.trigger('open', post));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
    if (!this.root.isConnected || isTyped(event.composedPath()[0])) return;
    if (document.querySelector('dialog[open], [role="dialog"]')) return;
    const here = this.current < 0 ? 0 : this.current;
    const acts = {
      j: () => this.move(1), k: () => this.move(-1), x: () => this.decide(here, 'removed', true),
      s: () => this.decide(here, 'kept', true), u: () => this.data.writable && this.undo(),
      n: () => this.annotate(here),
      o: () => !this.data.single && this.rows[here] && this.open(this.data.rows[here].post),
      '/': () => this.search(), '?': () => this.dialog.showModal(),
      Enter: () => event.target === this.rows[here] && !this.data.single && this.open(this.data.rows[here].post),
    };
    const act = acts[event.key.length === 1 && !event.shiftKey ? event.key.toLowerCase() : event.key];
    if (!act) return;
    if (event.key !== 'Enter' || event.target === this.rows[here]) event.preventDefault();
    act();
  }

  search() {
    const field = document.querySelector('.st-key-browse-q input, .st-key-browse-q textarea');
    field?.focus();
    field?.select?.();
  }
}

export default function (component) {
  const {parentElement, data, setTriggerValue} = component;
  let list = lists.get(parentElement);
  if (!list) {
    list = new PostList(parentElement);
    lists.set(parentElement, list);
  }
  list.update(data, setTriggerValue);
  // Streamlit calls the last one of these, when the list leaves the page.
  return () => { list.close(); lists.delete(parentElement); };
}
