"use strict";
// Filters, the list of pairs, keys; data arrive as scripts that call gallery.take.
const gallery = (() => {
  const ITEM_PX = 88;
  const TALLEST_PX = 16e6;
  const FACETS = [
    ["task", "Modality"], ["origin", "Origin"], ["category", "Category"], ["severity", "Severity"],
    ["split", "Split"], ["policy", "Policy"], ["corruption", "Corruption"], ["source", "Source"],
  ];
  const SEVERITIES = { 1: "1 minor", 2: "2 medium", 3: "3 severe" };
  const NONE = { category: "no difference", severity: "no difference" };
  const $ = (id) => document.getElementById(id);
  const { make } = viewer;
  const wanted = new Map(FACETS.map(([name]) => [name, new Set()]));
  let index = { pairs: 0 }, shown = new Int32Array(0), at = -1, code = "edit";

  // Data come in scripts: lines for the list in pages, programs and labels in chunks, numbers of ids.
  // Of each kind the last ones used are kept, so memory does not grow with the dataset.
  const KEPT = { page: 60, chunk: 60, ids: 8 };
  const data = { page: new Map(), chunk: new Map(), ids: new Map() };
  const waiting = new Map();
  const pad = (n) => (typeof n === "number" ? String(n).padStart(5, "0") : n);
  function get(kind, n) {
    const held = data[kind], value = held.get(n);
    if (value !== undefined) { held.delete(n); held.set(n, value); }
    return value;
  }
  function load(kind, n, then) {
    const value = get(kind, n), key = `${kind}-${pad(n)}`;
    if (value !== undefined) { if (then) queueMicrotask(() => then(value)); return value; }
    if (waiting.has(key)) { if (then) waiting.get(key).push(then); return undefined; }
    waiting.set(key, then ? [then] : []);
    const script = document.createElement("script");
    script.src = `data/${key}.js`;
    script.addEventListener("load", () => script.remove());
    document.body.append(script);
    return undefined;
  }
  function take(kind, value) {
    if (kind === "index") { start(value); return; }
    const held = data[kind], key = `${kind}-${pad(value.n)}`;
    held.set(value.n, value.values);
    if (held.size > KEPT[kind]) held.delete(held.keys().next().value);
    const asked = waiting.get(key) || [];
    waiting.delete(key);
    asked.forEach((then) => then(value.values));
    if (kind !== "ids") soon();
  }
  let due = false;
  function soon() {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; if (at >= 0) refresh(); });
  }
  const lineOf = (number) => {
    const page = load("page", Math.floor(number / index.page_pairs));
    return page && page[number % index.page_pairs];
  };
  const detailsOf = (number) => {
    const chunk = load("chunk", Math.floor(number / index.chunk_pairs));
    return chunk && chunk[number % index.chunk_pairs];
  };

  // Sets of pairs are bits, one a pair, so that filters and counts need no line of any pair.
  const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replace(/0/g, "").length);
  const bits = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const none = () => new Uint8Array(Math.ceil(index.pairs / 8));
  const all = () => none().map((_, n) => (8 * n + 8 <= index.pairs ? 255 : (1 << (index.pairs % 8)) - 1));
  function chosenBits(except) {
    const result = found ? found.slice() : all();
    FACETS.forEach(([name]) => {
      const chosen = wanted.get(name);
      if (name === except || !chosen.size) return;
      const either = none();
      chosen.forEach((value) => facets.get(name).get(value).forEach((byte, n) => { either[n] |= byte; }));
      either.forEach((byte, n) => { result[n] &= byte; });
    });
    return result;
  }
  function numbers(set) {
    const result = [];
    set.forEach((byte, n) => {
      for (let bit = 0; byte; bit++, byte >>= 1) if (byte & 1) result.push(8 * n + bit);
    });
    return Int32Array.from(result);
  }

  const facets = new Map();
  function start(value) {
    index = value;
    FACETS.forEach(([name]) => {
      const values = Object.entries(index.facets[name] || {});
      facets.set(name, new Map(values.map(([word, text]) => [word, bits(text)])));
    });
    document.title = `${index.name} ${index.version} · Vermillion gallery`;
    $("title").textContent = `${index.name} ${index.version}`.trim();
    buildFacets();
    filter();
    const asked = new URLSearchParams(location.hash.slice(1)).get("pair");
    if (asked) withNumber(asked, (number) => { if (number !== undefined) filter(number); });
  }
  function withNumber(id, then) {
    const shelf = id.slice(0, 2);
    if (!index.shelves.includes(shelf)) { queueMicrotask(() => then(undefined)); return; }
    load("ids", shelf, (numberOf) => then(numberOf[id]));
  }

  const size = (set, other) => {
    let rows = 0;
    for (let n = 0; n < set.length; n++) rows += ONES[other ? set[n] & other[n] : set[n]];
    return rows;
  };
  const names = new Map();
  function buildFacets() {
    FACETS.forEach(([name, title]) => {
      const counts = [...facets.get(name)].map(([value, set]) => [value, size(set)]);
      if (!counts.length || (counts.length < 2 && name === "source")) return;
      const order = name === "severity" || name === "split" || name === "task"
        ? (a, b) => String(a[0]).localeCompare(b[0]) : (a, b) => b[1] - a[1] || a[0].localeCompare(b[0]);
      const box = make("div", ["corruption", "policy", "source"].includes(name) ? "values many" : "values");
      const outputs = new Map();
      counts.sort(order).forEach(([value]) => {
        const line = make("label", "value");
        const check = make("input");
        check.type = "checkbox";
        check.dataset.facet = name;
        check.value = value;
        check.addEventListener("change", () => {
          wanted.get(name)[check.checked ? "add" : "delete"](value);
          filter();
        });
        const text = value === "" ? NONE[name] : (name === "severity" ? SEVERITIES[value] : value.replace(/_/g, " "));
        const label = make("span", "", text);
        label.title = value;
        const output = make("output");
        line.append(check, label, output);
        outputs.set(value, [output, line]);
        box.append(line);
      });
      names.set(name, outputs);
      $("facets").append(make("h2", "", title), box);
    });
  }

  function count() {
    names.forEach((outputs, name) => {
      const rest = chosenBits(name);
      outputs.forEach(([output, line], value) => {
        const rows = size(facets.get(name).get(value), rest);
        output.textContent = rows.toLocaleString("en");
        line.classList.toggle("none", !rows);
      });
    });
  }

  // Words are in the pages: a search reads one after another and shows what it has found so far.
  let found = null, searching = 0, progress = "";
  function search() {
    const mine = ++searching;
    const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    progress = "";
    if (!words.length) { found = null; filter(); return; }
    found = none();
    const mark = (number) => { found[number >> 3] |= 1 << (number & 7); };
    if (words.length === 1 && /^[0-9a-f]{20}$/.test(words[0])) {
      withNumber(words[0], (number) => {
        if (mine !== searching) return;
        if (number !== undefined) mark(number);
        filter(number);
      });
      return;
    }
    const pages = Math.ceil(index.pairs / index.page_pairs);
    let next = 0, done = 0;
    const step = () => {
      if (mine !== searching || next >= pages) return;
      const n = next++;
      load("page", n, (lines) => {
        if (mine !== searching) return;
        lines.forEach((line, place) => {
          if (words.every((word) => line.search.includes(word))) mark(n * index.page_pairs + place);
        });
        done += 1;
        progress = done < pages ? `, searched ${Math.floor((100 * done) / pages)} %` : "";
        if (done === pages || done % 16 === 1) filter();
        step();
      });
    };
    for (let beside = 0; beside < 4; beside++) step();
  }

  function filter(keep) {
    const number = keep === undefined ? shown[at] : keep;
    shown = numbers(chosenBits());
    count();
    const filtered = shown.length !== index.pairs;
    document.body.classList.toggle("filtered", filtered || found !== null);
    document.querySelector("main").classList.toggle("empty", !shown.length);
    $("nothing").hidden = shown.length > 0;
    const from = index.total > index.pairs ? `, drawn from ${index.total.toLocaleString("en")}` : "";
    $("shown").textContent = (filtered ? `${shown.length.toLocaleString("en")} of ` : "") + `${index.pairs.toLocaleString("en")} pairs${from}${progress}`;
    $("rows").style.height = `${Math.min(shown.length * ITEM_PX, TALLEST_PX)}px`;
    drawn.forEach((node) => node.remove());
    drawn.clear();
    const place = shown.indexOf(number);
    if (place < 0) $("list").scrollTop = 0;
    go(Math.max(0, place));
  }

  // Only the rows in sight are in the document, so a list of thousands scrolls as one of ten.
  // Browsers bound the height of an element: a longer list scrolls faster than its bar.
  const drawn = new Map();
  function ratio() {
    const room = $("list").clientHeight || 800, tall = shown.length * ITEM_PX;
    return tall > TALLEST_PX ? (tall - room) / (TALLEST_PX - room) : 1;
  }
  function draw() {
    const scrolled = $("list").scrollTop, height = $("list").clientHeight || 800;
    const top = scrolled * ratio();
    const first = Math.max(0, Math.floor(top / ITEM_PX) - 4);
    const last = Math.min(shown.length, Math.ceil((top + height) / ITEM_PX) + 4);
    drawn.forEach((node, place) => {
      if (place < first || place >= last || node.classList.contains("coming")) { node.remove(); drawn.delete(place); }
    });
    for (let place = first; place < last; place++) {
      if (!drawn.has(place)) {
        const node = item(lineOf(shown[place]), place);
        drawn.set(place, node);
        $("rows").append(node);
      }
      const node = drawn.get(place);
      node.style.top = `${place * ITEM_PX - top + scrolled}px`;
      node.classList.toggle("chosen", place === at);
    }
  }

  function item(pair, place) {
    const node = make("div", pair ? "item" : "item coming");
    node.addEventListener("click", () => go(place));
    if (!pair) return node;
    const thumbs = make("div", "thumbs");
    pair.pictures.forEach((picture, role) => {
      const image = make("img");
      image.loading = "lazy";
      image.decoding = "async";
      image.alt = role ? "candidate" : "reference";
      image.src = picture;
      thumbs.append(image);
    });
    const line = make("div", "line");
    line.append(make("b", "", pair.task));
    line.append(make("span", "how", pair.corruption.join(", ").replace(/_/g, " ") || pair.policy || pair.origin));
    pair.severity.forEach((severity) => line.append(make("i", `dot s${severity}`)));
    if (pair.count) line.append(make("span", "", String(pair.count)));
    node.append(thumbs, line);
    return node;
  }

  function go(place) {
    if (!shown.length) { at = -1; return; }
    at = Math.min(shown.length - 1, Math.max(0, place));
    const list = $("list"), top = at * ITEM_PX, by = ratio(), scrolled = list.scrollTop * by;
    if (top < scrolled) list.scrollTop = top / by;
    else if (top + ITEM_PX > scrolled + list.clientHeight) list.scrollTop = (top + ITEM_PX - list.clientHeight) / by;
    refresh();
  }

  // What is shown at the moment; drawn again only where it changed or came since.
  let seen = [];
  function refresh() {
    draw();
    $("place").textContent = `${(at + 1).toLocaleString("en")} / ${shown.length.toLocaleString("en")}`;
    const number = shown[at], pair = lineOf(number), details = detailsOf(number);
    if (pair && (seen[0] !== pair || seen[1] !== details)) {
      seen = [pair, details];
      history.replaceState(null, "", `#pair=${pair.id}`);
      viewer.show(pair, details);
      showCode(details);
    }
    if (at + 1 < shown.length) { lineOf(shown[at + 1]); detailsOf(shown[at + 1]); }
  }

  function showCode(details) {
    document.querySelectorAll("[data-code]").forEach((tab) =>
      tab.setAttribute("aria-selected", String(tab.dataset.code === code)));
    $("programs").className = code;
    $("programs").replaceChildren(...(details ? diff.show(details, code) : []));
  }

  function clear() {
    wanted.forEach((chosen) => chosen.clear());
    document.querySelectorAll("#facets input").forEach((check) => { check.checked = false; });
    $("search").value = "";
    search();
  }

  const MODES = { 1: "side", 2: "blink", 3: "difference", 4: "onion" };
  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if ($("help").open) return;
    if (event.target === $("search")) {
      if (event.key === "Escape" || event.key === "Enter") $("search").blur();
      return;
    }
    if (event.target.type === "range") return;
    const pressed = event.key.toLowerCase();
    if (event.key in MODES) viewer.mode(MODES[event.key]);
    else if (["arrowleft", "arrowup", "k"].includes(pressed)) go(at - 1);
    else if (["arrowright", "arrowdown", "j"].includes(pressed)) go(at + 1);
    else if (pressed === "home") go(0);
    else if (pressed === "end") go(shown.length - 1);
    else if (pressed === "/") $("search").focus();
    else if (pressed === "b") $("boxes").click();
    else if (pressed === "z") viewer.zoom();
    else if (pressed === "a") viewer.nextAnnotator();
    else if (pressed === "?") $("help").showModal();
    else return;
    event.preventDefault();
  }

  let typed = 0;
  $("search").addEventListener("input", () => { clearTimeout(typed); typed = setTimeout(search, 120); });
  $("list").addEventListener("scroll", draw, { passive: true });
  addEventListener("resize", () => { draw(); viewer.fit(); });
  $("filters").addEventListener("click", () => document.body.classList.toggle("filtering"));
  addEventListener("keydown", key);
  $("clear").addEventListener("click", clear);
  $("clear-too").addEventListener("click", clear);
  $("previous").addEventListener("click", () => go(at - 1));
  $("next").addEventListener("click", () => go(at + 1));
  $("help-button").addEventListener("click", () => $("help").showModal());
  $("boxes").addEventListener("change", () => $("stage").classList.toggle("no-boxes", !$("boxes").checked));
  $("onion").addEventListener("input", () => viewer.onion($("onion").value / 100));
  document.querySelectorAll("[data-mode]").forEach((tab) => tab.addEventListener("click", () => viewer.mode(tab.dataset.mode)));
  document.querySelectorAll("[data-code]").forEach((tab) => tab.addEventListener("click", () => {
    code = tab.dataset.code;
    showCode(at >= 0 ? detailsOf(shown[at]) : undefined);
  }));
  return { take };
})();
