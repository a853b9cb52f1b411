// Films that are in the browser: one component brings them, the other shows them.

/** How many are kept; the reader looks at one. */
const KEPT = 3;

// Every component is a program of its own: they meet in the page.
/** @type {{films: Map<string, any>, waiting: Set<() => void>}} */
const place = (/** @type {any} */ (globalThis).convscopeFilms ??= { films: new Map(), waiting: new Set() });

/** @param {string} name @param {any} film */
export function bring(name, film) {
  place.films.delete(name);
  place.films.set(name, film);
  for (const old of [...place.films.keys()].slice(0, -KEPT)) place.films.delete(old);
  for (const again of [...place.waiting]) again();
}

/** The film of a name, or null while it is on its way. @param {string} name */
export function film(name) {
  return place.films.get(name) ?? null;
}

/** Call when a film comes. @param {() => void} again @returns {() => void} ends that */
export function whenOneComes(again) {
  place.waiting.add(again);
  return () => place.waiting.delete(again);
}
