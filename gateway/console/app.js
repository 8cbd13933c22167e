// The frame of the page: the token, and which view the address asks for.
import { call, forgetToken, hasToken, setToken } from "./api.js";
import { during, h, notice } from "./dom.js";
import { jobView } from "./job.js";
import { jobsView } from "./jobs.js";
import { newView } from "./new.js";
import { stylesView } from "./styles.js";

const main = document.getElementById("main");
const nav = document.querySelector("nav");
const VIEWS = [
  [/^\/?$/, newView],
  [/^\/jobs$/, jobsView],
  [/^\/jobs\/([\w-]+)$/, jobView],
  [/^\/styles$/, stylesView],
];
let leaving = new AbortController();

/** Shows the view of the address. A view is given its parts of it, the query, and a signal for when it is left. */
async function show() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const [path, query] = location.hash.slice(1).split("?");
  const [pattern, view] = VIEWS.find(([known]) => known.test(path)) ?? VIEWS[0];
  try {
    const shown = await view({ parts: path.match(pattern)?.slice(1) ?? [], query: new URLSearchParams(query), signal });
    if (!signal.aborted) enter(shown, true);
  } catch (error) {
    if (signal.aborted) return;
    if (error.status === 401) ask(error);
    else enter(h("section", {}, h("h1", {}, "That did not work"), notice(error)), true);
  }
}

function enter(shown, known) {
  nav.hidden = !known;
  main.replaceChildren(shown);
  const title = main.querySelector("h1");
  document.title = `${title.textContent} · Clipzy`;
  title.tabIndex = -1;
  title.focus({ preventScroll: true });
  scrollTo(0, 0);
  for (const link of nav.querySelectorAll("a")) {
    const here = link.hash === (location.hash.split("?")[0] || "#/");
    here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
}

function ask(error) {
  const field = h("input", { type: "password", id: "token", required: true, autocomplete: "off", spellcheck: "false" });
  const button = h("button", { class: "main" }, "Continue");
  const place = h("div", {}, hasToken() && notice(error));
  const submit = (event) => {
    event.preventDefault();
    during(button, place, async () => {
      setToken(field.value.trim());
      try {
        await call("GET", "/usage");
      } catch (refused) {
        forgetToken();
        throw refused;
      }
      show();
    });
  };
  const form = h("form", { class: "card", onsubmit: submit },
    h("label", { for: "token" }, "Your token"), field,
    h("p", { class: "quiet" }, "It stays in this tab and is forgotten with it. The first one lies in the file ", h("code", {}, "token"), " of the data folder; ",
      h("code", {}, "clipzy token create"), " makes more."), place, button);
  const shown = h("section", { class: "gate" }, h("h1", {}, "Give your footage the style of a film you love."),
    h("p", { class: "lead" }, "Clipzy measures how a video looks, moves and sounds, and edits yours the same way."), form);
  enter(shown, false);
}

document.getElementById("leave").addEventListener("click", () => {
  forgetToken();
  location.hash = "#/";
  show();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
// A file that falls beside its zone must not replace the page.
for (const event of ["dragover", "drop"]) addEventListener(event, (dropped) => dropped.preventDefault());
addEventListener("hashchange", show);
show();
