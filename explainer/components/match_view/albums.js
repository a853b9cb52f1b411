// The pictures of an evaluation, which travel once: one component brings them, the others take them from here.

/** How many albums are kept; the reader looks at one. */
const KEPT = 2;

/** @typedef {{name: string, jpeg: Uint8Array, ratio: number}} Picture */
/** @typedef {{pictures: Picture[]|null, bitmaps: Map<number, ImageBitmap|null>, waiting: Set<() => void>}} Album */

// Every component is a program of its own: they meet in the page.
/** @type {Map<string, Album>} */
const albums = (/** @type {any} */ (globalThis).convscopeAlbums ??= new Map());

/** @param {string} name @returns {Album} */
function album(name) {
  let found = albums.get(name);
  if (!found) {
    found = { pictures: null, bitmaps: new Map(), waiting: new Set() };
    albums.set(name, found);
    for (const old of [...albums.keys()].slice(0, -KEPT)) albums.delete(old);
  }
  return found;
}

/** Bring an album. @param {string} name @param {Picture[]} pictures */
export function bring(name, pictures) {
  const found = album(name);
  found.pictures = pictures;
  tell(found);
}

/** What is known of a picture; null before the album is there. @param {string} name @param {number} number */
export function picture(name, number) {
  return album(name).pictures?.[number] ?? null;
}

/**
 * A picture ready to draw, or null: then `again` is called once it is.
 * @param {string} name
 * @param {number} number
 * @param {() => void} again
 */
export function bitmap(name, number, again) {
  const found = album(name);
  const ready = found.bitmaps.get(number);
  if (ready) return ready;
  found.waiting.add(again);
  const one = found.pictures?.[number];
  if (one && ready === undefined) {
    found.bitmaps.set(number, null);
    createImageBitmap(new Blob([one.jpeg], { type: "image/jpeg" })).then((made) => {
      found.bitmaps.set(number, made);
      tell(found);
    });
  }
  return null;
}

/** @param {Album} found */
function tell(found) {
  const waiting = [...found.waiting];
  found.waiting.clear();
  for (const again of waiting) again();
}
