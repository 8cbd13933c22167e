// A new job: footage, a template or a saved style, and how.
import { call, upload } from "./api.js";
import { bytes, during, h, notice, say } from "./dom.js";

const DIMENSIONS = { color: "Colour", framing: "Framing", frame_rate: "Frame rate", cuts: "Cuts", transitions: "Transitions", zoom: "Zoom", audio: "Sound" };

export async function newView({ query, signal }) {
  const { styles } = await call("GET", "/styles?page_size=100");
  const footage = dropZone("Footage", "The film you want to change", signal, refresh);
  const template = dropZone("Template", "The film whose style you want", signal, refresh);
  const style = h("select", { id: "style", onchange: refresh }, h("option", { value: "" }, "None: use the template"),
    styles.map((saved) => h("option", { value: saved.style_id, selected: saved.style_id === query.get("style") }, saved.name)));
  const strength = h("input", { type: "range", id: "strength", min: 0, max: 100, value: 100, oninput: () => (shown.value = `${strength.value} %`) });
  const shown = h("output", { for: "strength" }, "100 %");
  const quality = h("select", { id: "quality" }, ["high", "medium", "low"].map((name) => h("option", { value: name }, name[0].toUpperCase() + name.slice(1))));
  const parts = Object.entries(DIMENSIONS).map(([value, name]) => h("label", { class: "chip" }, h("input", { type: "checkbox", value, checked: true }), name));
  const keep = h("input", { type: "checkbox", id: "keep" });
  const button = h("button", { class: "main", disabled: true }, "Start");
  const hint = h("p", { class: "quiet", id: "hint" });
  const place = h("div");
  button.setAttribute("aria-describedby", "hint");

  function refresh() {
    template.element.inert = style.value !== "";
    template.element.classList.toggle("off", style.value !== "");
    const waits = [footage, ...(style.value ? [] : [template])].some((zone) => zone.isBusy);
    button.disabled = !footage.videoId || waits;
    hint.textContent = waits ? "The upload goes on; you can start when it is there."
      : !footage.videoId ? "Footage comes first."
      : style.value || template.videoId ? "" : "Without a template the footage is measured and rendered as it is.";
  }

  const start = (event) => {
    event.preventDefault();
    during(button, place, async () => {
      const apply = parts.map((part) => part.firstChild).filter((box) => box.checked).map((box) => box.value);
      const config = { quality: quality.value, strength: strength.value / 100, apply, keep_duration: keep.checked };
      if (style.value) config.style_id = style.value;
      const job = await call("POST", "/jobs", { video_id: footage.videoId, template_video_id: style.value ? null : template.videoId, config });
      location.hash = `#/jobs/${job.job_id}`;
    });
  };
  refresh();
  return h("form", { class: "new", onsubmit: start },
    h("h1", {}, "New transfer"), h("p", { class: "lead" }, "Drop two films. The second one lends its look, rhythm and sound to the first."),
    h("div", { class: "zones" }, footage.element, template.element),
    styles.length > 0 && h("div", { class: "field" }, h("label", { for: "style" }, "Or a saved style"), style),
    h("details", {}, h("summary", {}, "How it is done"),
      h("div", { class: "options" },
        h("div", { class: "field" }, h("label", { for: "quality" }, "Quality"), quality),
        h("div", { class: "field" }, h("label", { for: "strength" }, "Strength ", shown), strength),
        h("fieldset", {}, h("legend", {}, "What is taken over"), parts),
        h("fieldset", {}, h("legend", {}, "Length"), h("label", { class: "line" }, keep, "Keep all of the footage")))),
    place, h("div", { class: "go" }, button, hint));
}

function dropZone(title, purpose, signal, onChange) {
  const id = title.toLowerCase();
  const input = h("input", { type: "file", id, accept: "video/*,.mkv,.avi,.mov", class: "unseen", onchange: () => take(input.files[0]), "aria-describedby": `${id}-state` });
  const state = h("p", { class: "quiet", id: `${id}-state` }, purpose);
  const bar = h("progress", { max: 1, value: 0, hidden: true, "aria-label": `Upload of the ${id}` });
  const picture = h("video", { muted: true, playsinline: true, preload: "metadata", "aria-hidden": "true", tabindex: -1, hidden: true });
  const place = h("div");
  const label = h("label", { for: id, class: "drop" }, picture, h("span", { class: "what" }, h("strong", {}, title), h("span", { class: "pick" }, "Drop it here, or choose a file")));
  const over = (is) => (event) => (event.preventDefault(), label.classList.toggle("over", is));
  const drop = (event) => (over(false)(event), take(event.dataTransfer.files[0]));
  const element = h("section", { class: "zone", "aria-label": title, ondragover: over(true), ondragleave: over(false), ondrop: drop }, input, label, state, bar, place);
  const zone = { element, videoId: null, isBusy: false };
  let current = new AbortController();

  async function take(file) {
    if (!file) return;
    current.abort();
    const mine = (current = new AbortController());
    Object.assign(zone, { videoId: null, isBusy: true });
    onChange();
    place.replaceChildren();
    URL.revokeObjectURL(picture.src);
    picture.src = URL.createObjectURL(file);
    picture.hidden = bar.hidden = false;
    picture.onerror = () => (picture.hidden = true);
    picture.onloadedmetadata = () => (picture.currentTime = picture.duration / 3 || 0); // films begin with black
    label.classList.add("full");
    const told = `${file.name} · ${bytes(file.size)}`;
    try {
      const videoId = await upload(file, (share) => {
        bar.value = share;
        state.textContent = share < 1 ? `${told} · ${Math.round(share * 100)} %` : told;
      }, AbortSignal.any([mine.signal, signal]));
      if (mine.signal.aborted) return;
      zone.videoId = videoId;
      state.textContent = `${told} · ready`;
      say(`${title}: ${file.name} is there`);
    } catch (error) {
      if (mine.signal.aborted || signal.aborted) return;
      state.textContent = purpose;
      picture.hidden = true;
      label.classList.remove("full");
      place.replaceChildren(notice(error));
    }
    bar.hidden = true;
    zone.isBusy = false;
    onChange();
  }
  return zone;
}
