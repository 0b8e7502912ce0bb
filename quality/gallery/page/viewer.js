"use strict";
// One pair: its pictures in four views, its boxes, and what each annotator says.
const viewer = (() => {
  const stage = document.getElementById("stage");
  const labels = document.getElementById("labels");
  const facts = document.getElementById("facts");
  const state = { mode: "side", annotator: 0, blink: 0 };
  const ROLES = ["reference", "candidate"];

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  function show(line, details) {
    state.line = line;
    state.details = details;
    state.annotator = 0;
    showFacts(line, details);
    showStage();
    showLabels();
  }

  function showFacts(line, details) {
    const how = line.corruption.join(", ") || line.policy || (details && details.provenance.rewrite) || "";
    const tags = [
      ["tag strong", line.task], ["tag", line.origin + (how ? `: ${how}` : "")], ["tag", line.split],
    ];
    if (line.kind) tags.push(["tag", line.kind]);
    tags.push(["tag", `severity sum ${line.sum}`]);
    if (details) {
      tags.push(["tag", `${(100 * details.changed_fraction).toFixed(2)} % of pixels changed`]);
      tags.push(["tag", `${details.source} · ${details.upstream_id}`], ["tag", details.licence]);
      if (details.reserved) tags.push(["tag", `reserved: ${details.reserved}`]);
    }
    tags.push(["tag id", line.id]);
    facts.replaceChildren(...tags.map(([name, text]) => make("span", name, text)));
  }

  // The picture a box refers to: a box that does not fit the candidate shows what it lacks.
  const role = (box, sizes) => (box[2] <= sizes[1][0] + 1 && box[3] <= sizes[1][1] + 1 ? 1 : 0);

  // A pair is compared at a glance: it has to fit the window, unless it would be unreadable then.
  function fitting(scale, width, height, across) {
    const pair = document.getElementById("pair");
    const above = stage.getBoundingClientRect().top - pair.getBoundingClientRect().top + pair.scrollTop;
    const room = pair.clientHeight - above - 40;
    const column = stage.clientWidth / (across === 1 && state.mode === "side" ? 2 : 1);
    const wide = Math.min(scale, column / width);
    return Math.min(wide, Math.max(room / height, 0.55 * wide));
  }

  function frame(roles, caption) {
    const corners = new Map();
    const { line } = state;
    const width = Math.max(...roles.map((r) => line.sizes[r][0]));
    const height = Math.max(...roles.map((r) => line.sizes[r][1]));
    const figure = make("figure");
    figure.append(make("figcaption", "", caption));
    const box = make("div", "frame");
    const largest = Math.max(...line.sizes.map((size) => size[0]));
    const scale = roles.length === 2 ? Math.min(2, 860 / width) : Math.min(1.6, 860 / largest);
    box.style.width = `${Math.round(width * (state.zoom ? 3 : fitting(Math.max(1, scale), width, height, roles.length)))}px`;
    if (state.zoom) box.classList.add("zoomed");
    box.style.aspectRatio = `${width} / ${height}`;
    const layers = make("div", "layers");
    roles.forEach((r) => {
      const image = make("img");
      image.alt = `${ROLES[r]} picture`;
      image.src = line.pictures[r];
      image.style.width = `${(100 * line.sizes[r][0]) / width}%`;
      image.style.height = `${(100 * line.sizes[r][1]) / height}%`;
      layers.append(image);
    });
    box.append(layers);
    found().forEach((d, at) => {
      if (!d.box) return;
      const home = role(d.box, line.sizes);
      if (!roles.includes(home) && roles.length === 2) return;
      const node = make("div", `box s${d.severity}`);
      if (roles.length === 1 && roles[0] !== home) node.classList.add("echo");
      const [left, top, right, bottom] = d.box;
      node.style.left = `calc(${(100 * left) / width}% - 3px)`;
      node.style.top = `calc(${(100 * top) / height}% - 3px)`;
      node.style.width = `calc(${(100 * (right - left)) / width}% + 6px)`;
      node.style.height = `calc(${(100 * (bottom - top)) / height}% + 6px)`;
      if (top < 0.06 * height) node.classList.add("low");
      node.dataset.at = at;
      node.title = `${d.category}, severity ${d.severity}\n${d.location}: ${d.description}`;
      if (!node.classList.contains("echo")) {
        const number = make("b", "", String(at + 1));
        // Boxes that begin at one corner show their numbers side by side.
        const corner = `${Math.round((20 * left) / width)} ${Math.round((20 * top) / height)}`;
        const before = corners.get(corner) || 0;
        corners.set(corner, before + 1);
        number.style.left = `${20 * before - 2}px`;
        node.append(number);
      }
      node.addEventListener("mouseenter", () => light(at, true));
      node.addEventListener("mouseleave", () => light(at, false));
      box.append(node);
    });
    figure.append(box);
    return figure;
  }

  function showStage() {
    if (!state.line) return;
    clearInterval(state.timer);
    stage.className = state.mode + (document.getElementById("boxes").checked ? "" : " no-boxes");
    document.getElementById("bar").classList.toggle("onion", state.mode === "onion");
    document.querySelectorAll("[data-mode]").forEach((tab) =>
      tab.setAttribute("aria-selected", String(tab.dataset.mode === state.mode)));
    if (state.mode === "side") {
      stage.replaceChildren(frame([0], "Reference"), frame([1], "Candidate"));
      return;
    }
    const captions = {
      blink: "Reference", difference: "White where the two are equal", onion: "Candidate over reference",
    };
    const figure = frame([0, 1], captions[state.mode]);
    stage.replaceChildren(figure);
    if (state.mode === "blink") {
      const caption = figure.querySelector("figcaption");
      const turn = () => {
        state.blink = 1 - state.blink;
        stage.style.setProperty("--blink", state.blink ? "visible" : "hidden");
        caption.textContent = state.blink ? "Candidate" : "Reference";
      };
      turn();
      state.timer = setInterval(turn, 650);
    }
  }

  const found = () => {
    const annotation = state.details && state.details.annotations[state.annotator];
    return annotation ? annotation.discrepancies : [];
  };

  function light(at, on) {
    document.querySelectorAll(`#stage .box[data-at="${at}"], .annotator.active li[data-at="${at}"]`)
      .forEach((node) => node.classList.toggle("lit", on));
  }

  function showLabels() {
    if (!state.details) { labels.replaceChildren(make("p", "quiet", "Loading…")); return; }
    labels.replaceChildren(...state.details.annotations.map((annotation, number) => {
      const card = make("section", "annotator");
      card.classList.toggle("active", number === state.annotator);
      const head = make("button");
      head.type = "button";
      head.append(make("span", "", annotation.annotator));
      const sum = annotation.discrepancies.reduce((total, d) => total + d.severity, 0);
      head.append(make("small", "", `${number ? "" : "verdict · "}${annotation.discrepancies.length} found · sum ${sum}`));
      head.addEventListener("click", () => choose(number));
      card.append(head);
      if (!annotation.discrepancies.length) card.append(make("p", "quiet", "No visible difference."));
      const list = make("ol");
      annotation.discrepancies.forEach((d, at) => {
        const item = make("li");
        item.dataset.at = at;
        item.append(make("span", `chip s${d.severity}`, String(at + 1)));
        const words = make("div");
        words.append(make("strong", "", d.location), document.createTextNode(` ${d.description} `));
        words.append(make("em", "", `${d.category.replace(/_/g, " ")}, severity ${d.severity}`));
        item.append(words);
        item.addEventListener("mouseenter", () => { if (number === state.annotator) light(at, true); });
        item.addEventListener("mouseleave", () => light(at, false));
        list.append(item);
      });
      card.append(list);
      if (annotation.raw_reply) {
        const raw = make("details");
        raw.append(make("summary", "quiet", "Raw reply"), make("pre", "", annotation.raw_reply));
        card.append(raw);
      }
      return card;
    }));
  }

  function choose(number) {
    if (!state.details) return;
    state.annotator = number % state.details.annotations.length;
    showStage();
    showLabels();
  }

  return {
    show,
    mode(name) { state.mode = name; showStage(); },
    nextAnnotator() { choose(state.annotator + 1); },
    fit() { if (state.line && !state.zoom && state.mode !== "blink") showStage(); },
    zoom() { state.zoom = !state.zoom; showStage(); },
    onion(share) { stage.style.setProperty("--onion", String(share)); },
    make,
  };
})();
