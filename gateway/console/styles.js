// Saved styles and what differs between two.
import { call } from "./api.js";
import { during, h, notice, signed, spaced, when } from "./dom.js";
import { colours } from "./style.js";

export async function stylesView({ query }) {
  const { styles } = await call("GET", "/styles?page_size=100");
  const place = h("div");
  const head = h("h1", {}, "Styles");
  if (!styles.length) return h("section", {}, head, h("p", { class: "empty" }, "No style is saved yet. A finished job has a button for it."));
  const choose = (id, label, chosen) => h("div", { class: "field" }, h("label", { for: id }, label),
    h("select", { id, onchange: compare }, styles.map((saved, n) => h("option", { value: saved.style_id, selected: n === chosen }, saved.name))));
  const difference = h("div", { "aria-live": "polite" });
  const a = choose("a", "From", Math.max(0, styles.findIndex((saved) => saved.style_id === query.get("from")))), b = choose("b", "To", Math.min(1, styles.length - 1));

  async function compare() {
    const [from, to] = [a, b].map((field) => field.querySelector("select").value);
    try {
      const told = await call("GET", `/styles/${from}/diff?with=${to}`);
      difference.replaceChildren(h("p", { class: "lead" }, told.summary), told.fields.length > 0 && table(told.fields));
    } catch (error) {
      difference.replaceChildren(notice(error));
    }
  }
  if (styles.length > 1) await compare();
  return h("section", {}, head, place, h("ul", { class: "cards" }, styles.map((saved) => card(saved, place))),
    styles.length > 1 && h("section", { class: "block", "aria-labelledby": "differ" }, h("h2", { id: "differ" }, "What differs"), h("div", { class: "pair" }, a, b), difference));
}

function card(saved, place) {
  const style = saved.style_json;
  const remove = h("button", { type: "button", class: "plain", "aria-label": `Delete ${saved.name}`, onclick: () => during(remove, place, async () => {
    await call("DELETE", `/styles/${saved.style_id}`);
    item.remove();
  }) }, "Delete");
  const item = h("li", { class: "card" }, colours(style.palette ?? []), h("h2", {}, saved.name),
    h("p", { class: "quiet" }, `${style.aspect_ratio} · ${style.frame_rate} fps · ${style.cut_frequency.toFixed(0)} cuts a minute`, h("br"), when(saved.created_at)),
    h("div", { class: "row" }, h("a", { class: "button", href: `#/?style=${saved.style_id}` }, "Use it"), remove));
  return item;
}

const UNITS = { lufs: "(LUFS)", lu: "(LU)", dbtp: "(dBTP)", ms: "(ms)", bpm: "(bpm)", color: "colour" };
const nameOf = (field) => spaced(field).replaceAll(".", ": ").replace(/\w+/g, (word) => UNITS[word] ?? word);

const shown = (value) => (value === null ? "–" : typeof value === "number" ? signed(Number(value.toFixed(2))) : String(value));

const table = (fields) => h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Differences" }, h("table", {},
  h("thead", {}, h("tr", {}, ["Field", "From", "To", "Change"].map((name) => h("th", { scope: "col" }, name)))),
  h("tbody", {}, fields.map((field) => h("tr", {}, h("th", { scope: "row" }, nameOf(field.field)),
    h("td", {}, shown(field.a)), h("td", {}, shown(field.b)), h("td", {}, field.change > 0 ? `+${shown(field.change)}` : shown(field.change)))))));
