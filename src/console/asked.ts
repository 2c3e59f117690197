import type { Markup } from "./html.ts";
import type { KeptTold } from "./keep-told.ts";
import type { Visitor } from "./recognise-visitor.ts";
import type { Shown } from "./shown.ts";

/** What a page is made from. */
export type Asked = {
  shown: Shown;
  visitor: Visitor;
  told: KeptTold;
  /** Good for the forms of this page. */
  formToken: string;
};

/** `signIn`: the browser asks for credentials. */
export type Page = { status: number; markup: Markup; signIn?: boolean };
