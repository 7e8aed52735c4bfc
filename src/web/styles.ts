/** One small sheet for all pages; every colour is a variable, light and dark. */
export const styles = `
:root{--ground:#f4f2ee;--card:#fff;--text:#1d2430;--soft:#5a6472;--line:#dcd8d0;--accent:#0b5f62;--on-accent:#fff}
@media(prefers-color-scheme:dark){:root{--ground:#14181d;--card:#1d232b;--text:#eceff3;--soft:#a6b0bd;--line:#333c48;
--accent:#7fd6d2;--on-accent:#06282a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--ground);
color:var(--text);font:1.0625rem/1.6 system-ui,sans-serif}
main{width:100%;max-width:34rem;background:var(--card);border:1px solid var(--line);border-radius:1rem;
padding:clamp(1.25rem,5vw,2.5rem);overflow-wrap:anywhere}
h1{margin:0 0 .75rem;font-size:clamp(1.5rem,6vw,2rem);line-height:1.2;text-wrap:balance}
h2{margin:2rem 0 .5rem;font-size:1.125rem}
p,ol{margin:.5rem 0}
ol{padding-left:1.4rem}
li+li{margin-top:.35rem}
a{color:var(--accent)}
a:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:.3rem}
.button{display:block;margin:1.5rem 0;padding:.9rem 1.25rem;border-radius:.75rem;background:var(--accent);
color:var(--on-accent);font-weight:600;text-align:center;text-decoration:none}
.soft{color:var(--soft);font-size:.9375rem}
figure{margin:1rem 0 0;display:flex;flex-wrap:wrap;gap:1rem;align-items:center}
figure svg{width:9rem;height:9rem;background:#fff;border-radius:.5rem;flex:none}
figcaption{flex:1 1 12rem}
code{font-size:.9em;word-break:break-all;user-select:all}
`.trim();
