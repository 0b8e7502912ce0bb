"use strict";
// Filters, the list of pairs, keys; data arrive as scripts that call gallery.take.
const gallery = (() => {
  const ITEM_PX = 88;
  const FACETS = [
    ["task", "Modality"], ["origin", "Origin"], ["category", "Category"], ["severity", "Severity"],
    ["split", "Split"], ["policy", "Policy"], ["corruption", "Corruption"], ["source", "Source"],
  ];
  const SEVERITIES = { 1: "1 minor", 2: "2 medium", 3: "3 severe" };
  const NONE = { category: "no difference", severity: "no difference" };
  const $ = (id) => document.getElementById(id);
  const { make } = viewer;
  const chunks = new Map();
  const wanted = new Map(FACETS.map(([name]) => [name, new Set()]));
  let index = { pairs: [] }, shown = [], at = -1, code = "edit", terms = [];

  // Every value a pair has for a facet; a pair without any label counts as "no difference".
  function values(pair, facet) {
    const value = pair[facet];
    if (!Array.isArray(value)) return value === "" ? [] : [String(value)];
    return value.length || !(facet in NONE) ? value.map(String) : [""];
  }
  const passes = (pair, except) => FACETS.every(([name]) => {
    const chosen = wanted.get(name);
    return name === except || !chosen.size || values(pair, name).some((value) => chosen.has(value));
  });
  const says = (pair) => terms.every((term) => pair.search.includes(term));

  function take(kind, value) {
    if (kind === "chunk") {
      chunks.set(value.n, value.pairs);
      if (at >= 0) refresh();
      return;
    }
    index = value;
    index.pairs.forEach((pair, number) => {
      pair.number = number;
      pair.search = [pair.id, pair.task, pair.origin, pair.policy, pair.source, pair.words,
        pair.corruption.join(" "), pair.category.join(" ")].join(" ").toLowerCase();
    });
    document.title = `${index.name} ${index.version} · Vermillion gallery`;
    $("title").textContent = `${index.name} ${index.version}`.trim();
    buildFacets();
    const asked = new URLSearchParams(location.hash.slice(1)).get("pair");
    filter(asked);
  }

  const names = new Map();
  function buildFacets() {
    FACETS.forEach(([name, title]) => {
      const counts = new Map();
      index.pairs.forEach((pair) => values(pair, name).forEach((value) => counts.set(value, (counts.get(value) || 0) + 1)));
      if (!counts.size || (counts.size < 2 && name === "source")) return;
      const order = name === "severity" || name === "split" || name === "task"
        ? (a, b) => String(a[0]).localeCompare(b[0]) : (a, b) => b[1] - a[1] || a[0].localeCompare(b[0]);
      const box = make("div", ["corruption", "policy", "source"].includes(name) ? "values many" : "values");
      const outputs = new Map();
      [...counts].sort(order).forEach(([value]) => {
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
      const counts = new Map();
      index.pairs.forEach((pair) => {
        if (says(pair) && passes(pair, name)) values(pair, name).forEach((value) => counts.set(value, (counts.get(value) || 0) + 1));
      });
      outputs.forEach(([output, line], value) => {
        const rows = counts.get(value) || 0;
        output.textContent = rows.toLocaleString("en");
        line.classList.toggle("none", !rows);
      });
    });
  }

  function filter(keep) {
    const id = keep || (shown[at] && shown[at].id);
    terms = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    shown = index.pairs.filter((pair) => says(pair) && passes(pair));
    count();
    const filtered = shown.length !== index.pairs.length;
    document.body.classList.toggle("filtered", filtered || terms.length > 0);
    document.querySelector("main").classList.toggle("empty", !shown.length);
    $("nothing").hidden = shown.length > 0;
    const all = index.total > index.pairs.length ? `, drawn from ${index.total.toLocaleString("en")}` : "";
    $("shown").textContent = (filtered ? `${shown.length.toLocaleString("en")} of ` : "") + `${index.pairs.length.toLocaleString("en")} pairs${all}`;
    $("rows").style.height = `${shown.length * ITEM_PX}px`;
    drawn.forEach((node) => node.remove());
    drawn.clear();
    const place = shown.findIndex((pair) => pair.id === id);
    if (place < 0) $("list").scrollTop = 0;
    go(Math.max(0, place));
  }

  // Only the rows in sight are in the document, so a list of thousands scrolls as one of ten.
  const drawn = new Map();
  function draw() {
    const top = $("list").scrollTop, height = $("list").clientHeight || 800;
    const first = Math.max(0, Math.floor(top / ITEM_PX) - 4);
    const last = Math.min(shown.length, Math.ceil((top + height) / ITEM_PX) + 4);
    drawn.forEach((node, place) => {
      if (place < first || place >= last) { node.remove(); drawn.delete(place); }
    });
    for (let place = first; place < last; place++) {
      if (!drawn.has(place)) {
        const node = item(shown[place], place);
        drawn.set(place, node);
        $("rows").append(node);
      }
      drawn.get(place).classList.toggle("chosen", place === at);
    }
  }

  function item(pair, place) {
    const node = make("div", "item");
    node.style.top = `${place * ITEM_PX}px`;
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
    node.addEventListener("click", () => go(place));
    return node;
  }

  function go(place) {
    if (!shown.length) { at = -1; return; }
    at = Math.min(shown.length - 1, Math.max(0, place));
    const list = $("list"), top = at * ITEM_PX;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ITEM_PX > list.scrollTop + list.clientHeight) list.scrollTop = top + ITEM_PX - list.clientHeight;
    history.replaceState(null, "", `#pair=${shown[at].id}`);
    refresh();
  }

  function refresh() {
    const pair = shown[at];
    draw();
    $("place").textContent = `${(at + 1).toLocaleString("en")} / ${shown.length.toLocaleString("en")}`;
    const details = load(pair.number);
    viewer.show(pair, details);
    showCode(details);
    if (at + 1 < shown.length) load(shown[at + 1].number);
  }

  function load(number) {
    const n = Math.floor(number / index.chunk_pairs);
    const pairs = chunks.get(n);
    if (Array.isArray(pairs)) return pairs[number % index.chunk_pairs];
    if (pairs === undefined) {
      chunks.set(n, "on its way");
      const script = document.createElement("script");
      script.src = `data/chunk-${String(n).padStart(5, "0")}.js`;
      document.body.append(script);
    }
    return undefined;
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
    filter();
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

  let waiting = 0;
  $("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 120); });
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
    showCode(shown[at] && load(shown[at].number));
  }));
  return { take };
})();
