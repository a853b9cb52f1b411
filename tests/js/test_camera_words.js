// Messages of the stream's own frame, in the page's words.
import { inOurWords } from "../../explainer/components/camera_check/saying.js";

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`expected ${expected}, got ${actual}`);
}

const text = (key) => `<${key}>`;

export const tests = {
  "a camera that another program holds": () => {
    const said = inOurWords("NotReadableError: Could not start video source", text);
    equal(said, "<The camera cannot be opened: another program may hold it.>");
  },
  "a connection that takes long": () => {
    const said = inOurWords("Connection is taking longer than expected. Check your network or ...", text);
    equal(said, "<The connection takes longer than usual.>");
  },
  "what is not known, and what has been said already, stays": () => {
    equal(inOurWords("TypeError: x is not a function", text), null);
    equal(inOurWords("<The connection takes longer than usual.>", text), null);
  },
};
