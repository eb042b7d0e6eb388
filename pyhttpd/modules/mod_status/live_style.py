"""The look of the live scoreboard, and what makes it move; see `live`."""

STYLE = """
:root{color-scheme:light dark;--ground:#fbfaf8;--ink:#24221f;--soft:#6d6860;--line:#e4e0d9;--idle:#d9e7dc;
--idle-ink:#4d6b54;--start:#e9e2c8;--start-ink:#6d5d1f;--busy:#3d6fb4;--read:#7b5bb0;--keep:#4c8f8b;
--end:#b0653b;--busy-ink:#fff}
@media (prefers-color-scheme:dark){:root{--ground:#191a1c;--ink:#e8e6e1;--soft:#9b978f;--line:#323437;
--idle:#26352b;--idle-ink:#86ac8f;--start:#3a3521;--start-ink:#c9b667;--busy:#6f9fe0;--read:#ab90dd;
--keep:#6fbab5;
--end:#db966d;--busy-ink:#14161a}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:1.5rem;background:var(--ground);color:var(--ink);
font:15px/1.5 system-ui,sans-serif}
header{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1rem;border-bottom:1px solid var(--line);
padding-bottom:.75rem}
h1{font-size:1.4rem;margin:0}header p{margin:0;color:var(--soft)}
#history{margin-left:auto;width:240px;height:40px;align-self:center}
#history[hidden]{display:none}
#history path{fill:none;stroke:var(--busy);stroke-width:1.5;vector-effect:non-scaling-stroke}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(7rem,1fr));gap:1rem;margin:1.25rem 0}
dt{color:var(--soft);font-size:.85rem}dd{margin:0;font-size:1.35rem;font-variant-numeric:tabular-nums}
dl div:last-child dd{font-size:1rem;line-height:2}
.child{margin:.9rem 0}h2{font-size:.95rem;margin:0 0 .25rem;font-variant-numeric:tabular-nums}
h2 small{font-weight:400;color:var(--soft)}.stopping{opacity:.6}
.board{display:flex;flex-wrap:wrap;gap:3px;margin:0}
i{display:inline-block;width:1.35rem;height:1.35rem;border-radius:4px;text-align:center;
font:600 .75rem/1.35rem ui-monospace,monospace;background:var(--busy);color:var(--busy-ink)}
i.idle{background:var(--idle);color:var(--idle-ink)}i.start{background:var(--start);color:var(--start-ink)}
i.none{background:none;color:var(--soft)}i.sR,i.sD{background:var(--read)}i.sK{background:var(--keep)}
i.sC,i.sG,i.sI,i.sL{background:var(--end)}
table{border-collapse:collapse;width:100%;margin:1.5rem 0;table-layout:fixed}
caption{text-align:left;font-weight:600;padding-bottom:.25rem}
th,td{text-align:left;padding:.2rem .75rem .2rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere;
vertical-align:top;font-variant-numeric:tabular-nums}
th{font-weight:400;color:var(--soft);font-size:.85rem}
th:nth-child(1){width:5.5rem}th:nth-child(2){width:11rem}th:nth-child(3){width:13rem}
@media (max-width:44rem){th:nth-child(1){width:4rem}th:nth-child(2){width:8rem}
th:nth-child(3),td:nth-child(3){display:none}}
.hint{color:var(--soft)}
.legend{display:flex;flex-wrap:wrap;gap:.35rem 1.1rem;list-style:none;padding:.9rem 0 0;margin:1.5rem 0 0;
border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}
.late{opacity:.45}
"""

SCRIPT = """
(function () {
  "use strict";
  var main = document.getElementById("live"), graph = document.getElementById("history");
  var rates = [], last = null;
  function note() {
    var data = document.getElementById("figures").dataset;
    var now = {time: +data.time, requests: +data.requests};
    if (last && now.time > last.time && now.requests >= last.requests) {
      rates.push((now.requests - last.requests) / (now.time - last.time));
      if (rates.length > 240) rates.shift();
      draw();
    }
    last = now;
  }
  function draw() {
    var most = Math.max.apply(null, rates.concat([1])), first = 240 - rates.length;
    graph.querySelector("path").setAttribute("d", rates.map(function (rate, i) {
      return (i ? "L" : "M") + (first + i) + " " + (38 - 36 * rate / most).toFixed(1);
    }).join(""));
    graph.removeAttribute("hidden");
  }
  function look() {
    fetch(location.pathname + "?part", {cache: "no-store"}).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return answer.text();
    }).then(function (text) {
      main.innerHTML = text;
      main.className = "";
      note();
    }).catch(function () {
      main.className = "late";
    }).then(function () {
      setTimeout(look, document.hidden ? 5000 : 1000);
    });
  }
  note();
  setTimeout(look, 1000);
})();
"""
