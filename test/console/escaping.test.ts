import { expect, test } from "vitest";
import { html } from "../../src/console/html.ts";

test("whatever is put in shows as text, within quotes too", () => {
  const hostile = `</p><script>alert("1")</script>&'`;
  const escaped = "&lt;/p&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;";
  expect(String(html`<p title="${hostile}">${hostile}</p>`)).toBe(`<p title="${escaped}">${escaped}</p>`);
});

test("markup within markup stays what it is, lists too, and nothing is nothing", () => {
  const items = ["<", "b"].map((item) => html`<li>${item}</li>`);
  const list = String(
    html`<ul>
      ${items}${undefined}${0}
    </ul>`,
  );
  expect(list.replaceAll(/\s/g, "")).toBe("<ul><li>&lt;</li><li>b</li>0</ul>");
});
