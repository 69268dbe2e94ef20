"use strict";
(() => {
  const content = JSON.parse(document.getElementById("content").textContent);
  const { nodes, lines } = content;
  const canvas = document.getElementById("network");
  const pen = canvas.getContext("2d");
  const detail = document.getElementById("detail");
  const found = document.getElementById("found");
  const neighbours = nodes.map(() => new Map());
  for (const [a, b, weight, inferred, shared] of lines) {
    neighbours[a].set(b, { weight, inferred, shared });
    neighbours[b].set(a, { weight, inferred, shared });
  }
  const weights = lines.map((line) => line[2]);
  const heaviest = Math.max(...weights), lightest = Math.min(...weights);
  const faint = Math.max(0.2, Math.min(0.5, 150 / lines.length));
  const byStrength = nodes.map((_, i) => i).sort((a, b) => nodes[b].r - nodes[a].r);
  let scale = 1, left = 0, top = 0, pointed = -1, chosen = -1, pixels = 1;

  function element(name, text, parent) {
    const made = document.createElement(name);
    made.textContent = text;
    parent.append(made);
    return made;
  }

  function fit() {
    pixels = window.devicePixelRatio || 1;
    canvas.width = canvas.clientWidth * pixels;
    canvas.height = canvas.clientHeight * pixels;
  }

  function whole() {
    scale = 0.95 * Math.min(canvas.clientWidth / content.width, canvas.clientHeight / content.height);
    left = (canvas.clientWidth - content.width * scale) / 2;
    top = (canvas.clientHeight - content.height * scale) / 2;
    draw();
  }

  function draw() {
    const centre = pointed >= 0 ? pointed : chosen;
    const lit = centre < 0 ? null : new Set([centre, ...neighbours[centre].keys()]);
    pen.setTransform(pixels, 0, 0, pixels, 0, 0);
    pen.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    for (const [a, b, weight, inferred] of lines) {
      const on = centre < 0 || a === centre || b === centre;
      pen.strokeStyle = on && centre >= 0 ? "#333" : "#888";
      pen.globalAlpha = centre < 0 ? faint : on ? 0.6 : 0.05;
      pen.lineWidth = 0.8 + 3 * Math.sqrt((weight - lightest) / (heaviest - lightest || 1));
      pen.setLineDash(inferred ? [4, 3] : []);
      pen.beginPath();
      pen.moveTo(nodes[a].x * scale + left, nodes[a].y * scale + top);
      pen.lineTo(nodes[b].x * scale + left, nodes[b].y * scale + top);
      pen.stroke();
    }
    pen.setLineDash([]);
    const size = Math.max(0.6, Math.min(scale, 2));
    nodes.forEach((node, i) => {
      pen.globalAlpha = !lit || lit.has(i) ? 1 : 0.15;
      pen.fillStyle = node.c;
      pen.beginPath();
      pen.arc(node.x * scale + left, node.y * scale + top, node.r * size, 0, 7);
      pen.fill();
    });
    label(lit, centre, size);
  }

  // Strongest names first, and only where they touch no other name and no node, but for the few strongest:
  // these may cover a weak one.
  function label(lit, centre, size) {
    pen.font = "12px system-ui, 'Noto Sans KR', sans-serif";
    pen.textBaseline = "middle";
    pen.lineWidth = 3;
    pen.lineJoin = "round";
    pen.strokeStyle = "#fff";
    pen.fillStyle = "#111";
    pen.globalAlpha = 1;
    const room = rooms(canvas.clientWidth, canvas.clientHeight);
    const spots = nodes.map((node) => [node.x * scale + left, node.y * scale + top, node.r * size]);
    const order = centre < 0 ? byStrength : [centre, ...byStrength.filter((i) => i !== centre && lit.has(i))];
    const foremost = Math.min(40, Math.ceil(order.length / 10));
    const keepFree = (i) => { const [x, y, r] = spots[i]; room.take([x - r, y - r, x + r, y + r]); };
    order.slice(0, foremost).forEach(keepFree);
    for (const [place, i] of order.entries()) {
      if (place === foremost) order.slice(foremost).forEach(keepFree);
      const text = nodes[i].label.length > 40 ? nodes[i].label.slice(0, 39) + "…" : nodes[i].label;
      const [x, y, r] = spots[i], width = pen.measureText(text).width;
      const starts = [[x + r + 4, y], [x - r - 4 - width, y], [x - width / 2, y + r + 10], [x - width / 2, y - r - 10]];
      const start = starts.find(([sx, sy]) => room.take([sx, sy - 7, sx + width, sy + 7]));
      if (!start) continue;
      pen.strokeText(text, ...start);
      pen.fillText(text, ...start);
    }
  }

  // Squares of 4 pixels, each taken or free; take() answers whether all below a box were free and inside.
  function rooms(width, height) {
    const across = Math.ceil(width / 4), down = Math.ceil(height / 4), taken = new Uint8Array(across * down);
    return {
      take([x0, y0, x1, y1]) {
        const [a, b, c, d] = [x0, y0, x1, y1].map((edge) => Math.floor(edge / 4));
        if (a < 0 || b < 0 || c >= across || d >= down) return false;
        for (let y = b; y <= d; y++) if (taken.subarray(y * across + a, y * across + c + 1).includes(1)) return false;
        for (let y = b; y <= d; y++) taken.fill(1, y * across + a, y * across + c + 1);
        return true;
      },
    };
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  function under([x, y]) {
    let best = -1, nearest = 14;
    nodes.forEach((node, i) => {
      const distance = Math.hypot(node.x * scale + left - x, node.y * scale + top - y);
      if (distance < nearest) { best = i; nearest = distance; }
    });
    return best;
  }

  function zoom(factor, x, y) {
    const next = Math.max(0.1, Math.min(20, scale * factor));
    left = x - (x - left) * (next / scale);
    top = y - (y - top) * (next / scale);
    scale = next;
    draw();
  }

  function button(i, parent) {
    element("button", nodes[i].label, parent).addEventListener("click", () => show(i));
  }

  function strongest() {
    element("p", "Point at a node to see what it is joined to; choose one to read about it.", detail);
    element("h3", "Joined most strongly", detail);
    const list = element("ol", "", detail);
    for (const i of byStrength.slice(0, 20)) button(i, element("li", "", list));
  }

  function choose(i) {
    chosen = i;
    detail.replaceChildren();
    history.replaceState(null, "", i < 0 ? "#" : "#" + encodeURIComponent(nodes[i].id));
    if (i < 0) {
      strongest();
      return draw();
    }
    const node = nodes[i];
    element("h2", node.label, detail);
    const list = element("dl", "", detail);
    element("dt", "IRI", list);
    element("dd", node.id, list);
    for (const [name, value] of node.detail) {
      element("dt", name, list);
      element("dd", value, list);
    }
    element("h3", `Joined to ${neighbours[i].size}`, detail);
    const others = element("ul", "", detail);
    const ordered = [...neighbours[i]].sort((a, b) => b[1].weight - a[1].weight);
    for (const [other, line] of ordered) {
      const item = element("li", "", others);
      button(other, item);
      element("small", ` ${line.weight}${line.inferred ? ", inferred" : ""}${line.shared ? ": " + line.shared : ""}`, item);
    }
    draw();
  }

  function show(i) {
    left = canvas.clientWidth / 2 - nodes[i].x * scale;
    top = canvas.clientHeight / 2 - nodes[i].y * scale;
    choose(i);
  }

  let drag = null, moved = false;
  canvas.addEventListener("pointerdown", (event) => {
    drag = at(event);
    moved = false;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = at(event);
    if (drag) {
      moved ||= Math.hypot(x - drag[0], y - drag[1]) > 2;
      left += x - drag[0];
      top += y - drag[1];
      drag = [x, y];
      return draw();
    }
    const next = under([x, y]);
    if (next !== pointed) { pointed = next; canvas.title = next < 0 ? "" : nodes[next].label; draw(); }
  });
  canvas.addEventListener("pointerup", (event) => {
    drag = null;
    if (!moved) choose(under(at(event)));
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY / 500), ...at(event));
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] }[event.key];
    if (step) { left += step[0]; top += step[1]; draw(); event.preventDefault(); }
    if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 1.25 : 0.8, canvas.clientWidth / 2, canvas.clientHeight / 2);
    if (event.key === "0") whole();
    if (event.key === "Escape") choose(-1);
  });
  document.getElementById("whole").addEventListener("click", whole);
  document.getElementById("find").addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLocaleLowerCase();
    found.replaceChildren();
    if (!wanted) return;
    const hits = byStrength.filter((i) => nodes[i].label.toLocaleLowerCase().includes(wanted)).slice(0, 20);
    for (const i of hits) {
      button(i, element("li", "", found));
    }
  });
  for (const [name, colour] of content.legend) {
    const item = element("li", "", document.getElementById("legend"));
    element("i", "", item).style.background = colour;
    item.append(name);
  }
  window.addEventListener("resize", () => { fit(); draw(); });
  // The part after # is the node to begin with, so that a link can point at it.
  function begin() {
    const wanted = decodeURIComponent(location.hash.slice(1));
    const i = nodes.findIndex((node) => node.id === wanted);
    if (i < 0) choose(-1);
    else show(i);
  }
  window.addEventListener("hashchange", begin);
  fit();
  whole();
  begin();
})();
