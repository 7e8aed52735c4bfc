/** One small sheet for all pages; every colour is a variable of theme.ts. */
export const baseStyles = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;color-scheme:light dark}
body{margin:0;min-height:100vh;display:grid;place-content:safe center;justify-items:center;
grid-template-columns:minmax(0,36rem);padding:1rem;background:var(--ground);color:var(--text);
font:1.0625rem/1.6 system-ui,sans-serif}
header,main,footer{width:100%}
header{display:flex;align-items:center;gap:.75rem;padding:.5rem .25rem 1rem;font-weight:600;overflow-wrap:anywhere}
header img{height:2.5rem;width:auto;max-width:10rem}
main{background:var(--card);border:1px solid var(--line);border-radius:1rem;
padding:clamp(1.25rem,5vw,2.5rem);overflow-wrap:anywhere}
footer{padding:1rem .25rem;font-size:.9375rem}
footer ul{list-style:none;display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:0;padding:0}
footer a{display:inline-block;padding:.35rem 0}
footer li+li{margin:0}
[aria-current]{color:var(--text);font-weight:600;text-decoration:none}
h1{margin:0 0 .75rem;font-size:clamp(1.5rem,6vw,2rem);line-height:1.2;text-wrap:balance}
h2{margin:2rem 0 .5rem;font-size:1.125rem;line-height:1.3}
h3{margin:1rem 0 .35rem;font-size:1rem}
p,ol,ul{margin:.5rem 0}
ol,ul{padding-left:1.4rem}
li+li{margin-top:.35rem}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:.3rem}
.button,button{display:block;width:100%;margin:1.5rem 0 .75rem;padding:.9rem 1.25rem;border:2px solid var(--accent);
border-radius:.75rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;line-height:1.3;
text-align:center;text-decoration:none;cursor:pointer}
li .button{margin:.75rem 0 1rem}
.ways .button{margin:.75rem 0}
.ways{margin-top:1.5rem}
.second{background:none;color:var(--accent)}
.copy{display:inline-block;width:auto;margin:.5rem 0;padding:.4rem .9rem;font-size:.9375rem}
[hidden]{display:none}
.soft{color:var(--soft);font-size:.9375rem}
.apps{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.5rem}
.apps li{margin:0}
.apps a{display:inline-flex;align-items:center;gap:.5rem;min-height:2.75rem;padding:.3rem 1rem .3rem .4rem;
border:1px solid var(--soft);border-radius:1.5rem;text-decoration:none}
.apps a:hover{border-color:var(--accent);text-decoration:underline}
.apps b{display:grid;place-items:center;width:2rem;height:2rem;border-radius:50%;background:var(--accent);
color:var(--on-accent)}
.apps .later b{background:none;border:1px solid var(--soft);color:var(--soft)}
details{margin-top:.75rem;border-top:1px solid var(--line);padding-top:.75rem}
section details,li details{border:0;margin:0}
summary{cursor:pointer;padding:.35rem 0;color:var(--accent);font-weight:600}
summary h2{display:inline;margin:0}
summary:hover{text-decoration:underline}
section+details{margin-top:1.75rem}
ol+.soft{margin-top:1.25rem}
.address{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center;justify-content:space-between;
padding:.5rem 1rem;background:var(--ground);border-radius:.75rem}
.address .soft{display:block}
.address code{font-size:1.0625rem;font-weight:600;word-break:normal}
figure{margin:1rem 0 0;display:flex;flex-wrap:wrap;gap:1rem;align-items:center}
figure svg{width:11rem;height:11rem;background:#fff;border:1px solid var(--line);border-radius:.5rem;flex:none}
figcaption{flex:1 1 12rem}
code{font-size:.9em;word-break:break-all;user-select:all;-webkit-user-select:all}
label{display:block;font-weight:600}
.box{display:flex;gap:.6rem;align-items:baseline;font-weight:400}
.field{margin:1.25rem 0}
.field p{margin:.15rem 0}
input:not([type=checkbox]),textarea,select{width:100%;min-width:0;margin-top:.25rem;padding:.65rem .8rem;
border:1px solid var(--soft);border-radius:.5rem;background:var(--card);color:var(--text);font:inherit}
input[type=checkbox]{width:1.5rem;height:1.5rem;flex:none;align-self:center;accent-color:var(--accent)}
.with-suffix{display:flex;gap:.5rem;align-items:center}
.with-suffix span{flex:none;max-width:50%}
.wrong input,.wrong textarea{border:2px solid var(--danger)}
.error{color:var(--danger);font-weight:600}
.errors{margin:1.25rem 0;padding:1rem 1.25rem;border:2px solid var(--danger);border-radius:.75rem}
.errors:focus{outline:0}
.errors h2{margin-top:0}
.errors a{color:var(--danger)}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important;scroll-behavior:auto!important}}
@media(forced-colors:active){.apps b,main,.errors{border:1px solid}figure svg{forced-color-adjust:none}}
@media print{body{display:block;background:#fff;color:#000;padding:0}main{border:0;padding:0}
footer,.button,button,.screen,details:not([open]){display:none!important}}
`.replaceAll("\n", "");
