// A Style DNA as pictures.
import { clock, h, signed, spaced, svg } from "./dom.js";

export const GRADE = { temperature: ["cool", "warm"], tint: ["green", "magenta"], saturation: ["pale", "rich"], contrast: ["flat", "hard"], highlights: ["dim", "bright"], shadows: ["deep", "open"] };
const QUIET_LUFS = -60, LOUD_LUFS = 0;

export function styleView(style) {
  const part = (title, ...content) => h("section", { class: "part" }, h("h3", {}, title), content);
  const measured = style.loudness ?? {};
  return h("div", { class: "dna" },
    h("div", { class: "wide" }, part("Rhythm", timeline(style))),
    part("Palette", colours(style.palette ?? [], true)),
    part("Colour", grade(style.color_grade)),
    part("Motion", camera(style.camera ?? {}), facts({ "Motion": `${style.motion_intensity.toFixed(0)} of 100`, "Zooms": `${style.zoom_usage.toFixed(0)} of 100` })),
    part("Sound", loudness(measured), facts({ "Tempo": style.tempo_bpm && `${style.tempo_bpm.toFixed(0)} bpm`, "Genre": style.music_genre, "Compression": `${style.audio_style.compression_ratio} : 1`, "Bass": `${style.audio_style.bass_boost.toFixed(0)} of 100` })),
    h("div", { class: "wide" }, facts({ "Aspect": style.aspect_ratio, "Frame rate": `${style.frame_rate} fps`, "Cuts a minute": style.cut_frequency.toFixed(0), "Transition": transition(style.primary_transition), "Subtitles": style.use_subtitles ? "yes" : "no", "Confidence": `${(style.extraction_confidence * 100).toFixed(0)} %` })));
}

const many = (n, name) => `${n} ${name}${n === 1 ? "" : "s"}`;

const transition = ({ type, duration_ms: ms }) => (type === "cut" ? "hard cuts" : `${type}, ${ms} ms`);

const facts = (values) => h("dl", { class: "facts" }, Object.entries(values).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value ?? "–"))));

function timeline(style) {
  const length = style.source_duration_seconds * 1000;
  const shots = style.shots ?? [], beats = style.detected_beats;
  const x = (ms) => (ms / length) * 1000;
  const gradual = shots.filter((shot) => shot.transition_in?.duration_ms);
  const said = [...new Set((style.text_overlays ?? []).map(({ content }) => content))];
  const words = `${many(shots.length, "shot")}; ${many(gradual.length, "gradual transition")}; ${many(beats.length, "beat")}${style.tempo_bpm ? ` at ${style.tempo_bpm.toFixed(0)} bpm` : ""}.`;
  const picture = svg("svg", { class: "timeline", viewBox: "0 0 1000 100", preserveAspectRatio: "none", role: "img", "aria-label": words },
    shots.map((shot, n) => svg("rect", { class: `shot ${n % 2 ? "odd" : ""}`, x: x(shot.start_ms), y: 0, width: Math.max(1, x(shot.end_ms - shot.start_ms) - 1.5), height: 56 })),
    gradual.map(({ transition_in: join }) => svg("rect", { class: "join", x: x(join.start_ms), y: 0, width: x(join.duration_ms), height: 56 }, svg("title", {}, transition(join)))),
    (style.text_overlays ?? []).map((text) => svg("rect", { class: "words", x: x(text.start_ms), y: 46, width: x(text.duration_ms), height: 6 })),
    beats.map((beat) => svg("line", { class: `beat ${beat.frequency}`, x1: x(beat.timestamp_ms), x2: x(beat.timestamp_ms), y1: 98, y2: 98 - 34 * beat.confidence })));
  return [picture, h("div", { class: "axis", "aria-hidden": "true" }, h("span", {}, "0:00"), h("span", {}, clock(length / 2000)), h("span", {}, clock(length / 1000))), h("p", { class: "quiet" }, words), said.length > 0 && h("p", { class: "quiet" }, `On screen: ${said.map((content) => `“${content}”`).join(", ")}.`)];
}

export const colours = (palette, named = false) => [
  svg("svg", { class: "palette", viewBox: "0 0 1000 60", preserveAspectRatio: "none", role: "img", "aria-label": `Palette: ${palette.map(({ color }) => color).join(", ") || "none"}` },
    palette.map(({ color, share }, n) => svg("rect", { fill: color, x: 1000 * palette.slice(0, n).reduce((sum, one) => sum + one.share, 0), width: 1000 * share + 1, height: 60 }))),
  named && h("ul", { class: "names", "aria-hidden": "true" }, palette.map(({ color, share }) => h("li", {}, color, h("span", { class: "quiet" }, ` ${Math.round(share * 100)} %`)))),
].filter(Boolean);

const grade = (values) => h("ul", { class: "grade" }, Object.entries(GRADE).map(([name, [low, high]]) => {
  const value = values[name];
  return h("li", {}, h("span", {}, spaced(name)),
    svg("svg", { viewBox: "-100 0 200 10", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect", { class: "track", x: -100, y: 4, width: 200, height: 2 }),
      svg("rect", { class: "value", x: Math.min(0, value), y: 1.5, width: Math.max(1, Math.abs(value)), height: 7 })),
    h("span", { class: "figure" }, `${value > 0 ? "+" : ""}${signed(value.toFixed(0))}`), h("span", { class: "quiet" }, Math.abs(value) < 5 ? "neutral" : value < 0 ? low : high));
}));

function loudness({ integrated_lufs: lufs, range_lu: range, true_peak_dbtp: peak }) {
  if (lufs == null) return h("p", { class: "quiet" }, "No sound.");
  const x = (level) => Math.min(1, Math.max(0, (level - QUIET_LUFS) / (LOUD_LUFS - QUIET_LUFS))) * 1000;
  const words = signed(`${lufs.toFixed(1)} LUFS`) + `, range ${(range ?? 0).toFixed(1)} LU, true peak ${peak == null ? "unknown" : signed(`${peak.toFixed(1)} dBTP`)}`;
  return [svg("svg", { class: "scale", viewBox: "0 0 1000 20", preserveAspectRatio: "none", role: "img", "aria-label": words },
    svg("rect", { class: "track", y: 8, width: 1000, height: 4 }), svg("rect", { class: "value", y: 5, width: x(lufs), height: 10 }), peak != null && svg("rect", { class: "peak", x: x(peak) - 2, y: 0, width: 4, height: 20 })),
    h("p", { class: "quiet" }, words)];
}

function camera(shares) {
  const parts = Object.entries(shares).filter(([, share]) => share >= 0.005);
  const words = parts.map(([name, share]) => `${name} ${Math.round(share * 100)} %`).join(", ");
  let at = 0;
  return parts.length ? [svg("svg", { class: "scale camera", viewBox: "0 0 1000 20", preserveAspectRatio: "none", role: "img", "aria-label": `Camera: ${words}` },
    parts.map(([name, share], n) => svg("rect", { class: `kind-${n}`, x: ((at += share) - share) * 1000, width: Math.max(2, share * 1000 - 3), height: 20 }))),
    h("ul", { class: "names", "aria-hidden": "true" }, parts.map(([name, share], n) => h("li", {}, h("i", { class: `swatch kind-${n}` }), name, h("span", { class: "quiet" }, ` ${Math.round(share * 100)} %`))))] : [];
}
