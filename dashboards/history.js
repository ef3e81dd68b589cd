// One step to another page is one entry in the browser's history.
//
// To open another page with conditions, Streamlit adds two entries: this page's address with the new conditions, then
// the other page's address with the same ones. The first is a page that nobody has seen, and Back stops there. So the
// second takes its place.
(() => {
  if (window.curationHistory) return;
  window.curationHistory = true;
  const push = window.history.pushState.bind(window.history);
  let added = '';  // the address that the last entry added, while nothing else has happened
  window.addEventListener('popstate', () => { added = ''; });
  for (const act of ['pointerdown', 'keydown']) window.addEventListener(act, () => { added = ''; }, true);
  window.history.pushState = (state, title, address) => {
    const next = new URL(address ?? window.location.href, window.location.href), here = window.location;
    const unseen = added === here.href && next.pathname !== here.pathname && next.search === here.search && next.search;
    const same = next.pathname === here.pathname;
    if (unseen) window.history.replaceState(state, title, address);
    else push(state, title, address);
    added = same ? next.href : '';
  };
})();
