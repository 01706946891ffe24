// Clips, frame by frame. No browser tells how long a frame is: it is measured while the clip plays.

const USUAL = 1 / 24; // seconds
const measured = new WeakMap(); // clip → seconds a frame takes
const watched = new WeakSet();

export function watch(clip) {
  if (watched.has(clip) || !clip.requestVideoFrameCallback) return;
  watched.add(clip);
  let last = null;
  const note = (_, { mediaTime }) => {
    const gap = last === null ? 0 : mediaTime - last;
    if (gap > 0.004 && gap < Math.min(0.2, measured.get(clip) ?? 1)) measured.set(clip, gap);
    last = mediaTime;
    clip.requestVideoFrameCallback(note);
  };
  clip.requestVideoFrameCallback(note);
}

// Stops the clips at the frame after (1) or before (-1) the one that the first of them shows.
export function step(clips, by) {
  const frame = measured.get(clips[0]) ?? USUAL;
  const at = Math.floor(clips[0].currentTime / frame + 0.01) + by;
  for (const clip of clips) {
    clip.pause();
    clip.currentTime = Math.min(Math.max(0, (at + 0.5) * frame), Math.max(0, (clip.duration || 0) - frame / 2));
  }
}
