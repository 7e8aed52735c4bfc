import type { Child } from "hono/jsx";

/** What only some people need: its heading is there, the rest at a press, also without JavaScript. */
export const Fold = ({ title, open, children }: { title: string; open?: boolean; children?: Child }) => (
  <details open={open}>
    <summary>
      <h2>{title}</h2>
    </summary>
    {children}
  </details>
);
