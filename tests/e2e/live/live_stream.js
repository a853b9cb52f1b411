// Watches a stream in the page that shows it: what the camera shows, what comes back, and how much later.
// Runs in every frame before its own scripts do.
(() => {
  if (globalThis.watched || !globalThis.RTCPeerConnection) return;
  const [WIDTH, HEIGHT, BITS, CELL, COUNT, RATE] = [640, 480, 7, 40, 128, 15];
  const watched = (globalThis.watched = { started: 0, connections: 0, delays: [], stream: null });

  const ask = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
  if (ask) {
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      watched.started += 1;
      watched.stream = stream;
      return stream;
    };
  }
  globalThis.RTCPeerConnection = new Proxy(globalThis.RTCPeerConnection, {
    construct(target, given) {
      watched.connections += 1;
      return new target(...given);
    },
  });

  const canvas = () => {
    const made = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    return made.getContext("2d", { willReadFrequently: true });
  };
  const [ours, theirs] = [canvas(), canvas()];

  // The number of a frame from its bars; -1 where there are none.
  const read = (context) => {
    const row = context.getImageData(0, HEIGHT - CELL / 2, WIDTH, 1).data;
    const light = (cell) => {
      const at = 4 * (CELL + cell * CELL + CELL / 2);
      return (row[at] + row[at + 1] + row[at + 2]) / 3;
    };
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) {
      const [is, not] = [light(2 * bit), light(2 * bit + 1)];
      if (Math.abs(is - not) < 60) return -1;
      number |= (is > not) << bit;
    }
    return number;
  };

  watched.shown = () => [...document.querySelectorAll("video")].find((one) => one.srcObject && one.videoWidth);
  let mirror = null;
  const camera = () => {
    const track = watched.stream?.getVideoTracks()[0];
    if (!track || track.readyState !== "live") return null;
    if (mirror?.track !== track) {
      const video = Object.assign(document.createElement("video"), { muted: true });
      video.srcObject = new MediaStream([track]);
      video.play();
      mirror = { track, video };
    }
    return mirror.video.videoWidth ? mirror.video : null;
  };

  // Take a sample and return the number of the frame that came back, -1 without one; note the delay where both
  // sides can be read.
  watched.look = () => {
    const [one, other] = [camera(), watched.shown()];
    if (!other) return -1;
    theirs.drawImage(other, 0, 0, WIDTH, HEIGHT);
    const back = read(theirs);
    if (one) {
      ours.drawImage(one, 0, 0, WIDTH, HEIGHT);
      const sent = read(ours);
      if (sent >= 0 && back >= 0) {
        watched.delays.push([performance.now() / 1000, ((sent - back + COUNT) % COUNT) / RATE, back]);
      }
    }
    return back;
  };
  setInterval(watched.look, 30);

  // The picture that is shown and the number of its frame.
  watched.picture = () => {
    const number = watched.look();
    return { number, url: theirs.canvas.toDataURL("image/png") };
  };
})();
