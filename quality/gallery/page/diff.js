"use strict";
// Two programs side by side, and the difference between them line by line.
const diff = (() => {
  const CONTEXT = 3;
  const MOST_STEPS = 4_000_000;
  const markup = (language) => language === "svg" || language === "html";

  // Minified markup is one line: it is broken between tags for reading, here only.
  function lines(code, language) {
    const all = code.split("\n");
    if (!markup(language)) return all;
    return all.flatMap((line) => (line.length > 160 ? line.split(/(?<=>)(?=<)/) : [line]));
  }

  // Longest common subsequence after equal ends are cut off; null where the rest is too long.
  function compare(before, after) {
    let start = 0;
    while (start < before.length && start < after.length && before[start] === after[start]) start++;
    let end = 0;
    while (end < before.length - start && end < after.length - start &&
           before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
    const a = before.slice(start, before.length - end), b = after.slice(start, after.length - end);
    const steps = [];
    for (let i = 0; i < start; i++) steps.push(["same", i, i]);
    if (a.length * b.length > MOST_STEPS) {
      a.forEach((_, i) => steps.push(["removed", start + i, -1]));
      b.forEach((_, i) => steps.push(["added", -1, start + i]));
    } else {
      const width = b.length + 1;
      const table = new Uint32Array((a.length + 1) * width);
      for (let i = a.length - 1; i >= 0; i--)
        for (let j = b.length - 1; j >= 0; j--)
          table[i * width + j] = a[i] === b[j] ? table[(i + 1) * width + j + 1] + 1
            : Math.max(table[(i + 1) * width + j], table[i * width + j + 1]);
      let i = 0, j = 0;
      while (i < a.length || j < b.length) {
        if (i < a.length && j < b.length && a[i] === b[j]) steps.push(["same", start + i++, start + j++]);
        else if (i < a.length && (j === b.length || table[(i + 1) * width + j] >= table[i * width + j + 1]))
          steps.push(["removed", start + i++, -1]);
        else steps.push(["added", -1, start + j++]);
      }
    }
    for (let i = 0; i < end; i++)
      steps.push(["same", before.length - end + i, after.length - end + i]);
    return steps;
  }

  // What two similar lines do not share, marked inside them.
  function marked(line, other) {
    const node = document.createElement("div");
    if (other === undefined) { node.textContent = line || " "; return node; }
    let start = 0;
    while (start < line.length && start < other.length && line[start] === other[start]) start++;
    let end = 0;
    while (end < line.length - start && end < other.length - start &&
           line[line.length - 1 - end] === other[other.length - 1 - end]) end++;
    const mark = document.createElement("mark");
    mark.textContent = line.slice(start, line.length - end);
    node.append(line.slice(0, start), mark, line.slice(line.length - end));
    return node;
  }

  function numbered(node, kind, number) {
    if (kind !== "same") node.className = kind;
    node.dataset.line = number >= 0 ? number + 1 : "";
    return node;
  }

  function edit(pair) {
    const before = lines(pair.reference_code, pair.language);
    const after = lines(pair.candidate_code, pair.candidate_language);
    const steps = compare(before, after);
    const program = document.createElement("div");
    program.className = "program";
    if (steps.every((step) => step[0] === "same")) {
      const none = document.createElement("div");
      none.className = "gap";
      none.textContent = "the two programs are the same";
      program.append(none);
    }
    const near = new Uint8Array(steps.length);
    steps.forEach((step, at) => {
      if (step[0] === "same") return;
      for (let k = Math.max(0, at - CONTEXT); k <= Math.min(steps.length - 1, at + CONTEXT); k++) near[k] = 1;
    });
    for (let at = 0; at < steps.length;) {
      if (!near[at]) {
        let to = at;
        while (to < steps.length && !near[to]) to++;
        program.append(gap(steps.slice(at, to), before));
        at = to;
        continue;
      }
      if (steps[at][0] === "same") {
        program.append(numbered(marked(before[steps[at][1]]), "same", steps[at][2]));
        at++;
        continue;
      }
      const removed = [], added = [];
      while (at < steps.length && steps[at][0] !== "same") {
        (steps[at][0] === "removed" ? removed : added).push(steps[at]);
        at++;
      }
      const paired = removed.length === added.length;
      removed.forEach((step, k) => program.append(
        numbered(marked(before[step[1]], paired ? after[added[k][2]] : undefined), "removed", step[1])));
      added.forEach((step, k) => program.append(
        numbered(marked(after[step[2]], paired ? before[removed[k][1]] : undefined), "added", step[2])));
    }
    return [program];
  }

  function gap(steps, before) {
    const node = document.createElement("div");
    node.className = "gap";
    node.textContent = `${steps.length} equal line${steps.length === 1 ? "" : "s"}`;
    node.title = "Show them";
    node.addEventListener("click", () => node.replaceWith(
      ...steps.map((step) => numbered(marked(before[step[1]]), "same", step[2]))));
    return node;
  }

  function both(pair) {
    return [["reference_code", "language"], ["candidate_code", "candidate_language"]].map(([code, language]) => {
      const program = document.createElement("div");
      program.className = "program";
      lines(pair[code], pair[language]).forEach((line, at) => program.append(numbered(marked(line), "same", at)));
      return program;
    });
  }

  return { show: (pair, how) => (how === "both" ? both(pair) : edit(pair)), compare };
})();
