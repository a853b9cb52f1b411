// Says once that the page stands on the screen: the second frame after this one has been handed over.

/** @type {WeakSet<ParentNode>} */
const told = new WeakSet();

export default function painted({ parentElement, setStateValue }) {
  if (told.has(parentElement)) return;
  told.add(parentElement);
  const tell = () => setStateValue("painted", true);
  // A hidden page has no frames; nobody waits for its picture either.
  if (document.hidden) tell();
  else requestAnimationFrame(() => requestAnimationFrame(tell));
}
