import { isNode, LineCounter, parseDocument } from "yaml";
import type { Document, YAMLError } from "yaml";
import type { Mistake, Path } from "./config-error.ts";

export type ParsedYaml = {
  /** Undefined when the mistakes leave nothing that can be judged. */
  value: unknown;
  mistakes: readonly Mistake[];
  /** Line and column of the value at a path, or of the nearest thing around it. */
  locate(path: Path): string | undefined;
};

/** YAML 1.2 (JSON included), duplicate keys refused. No message quotes the text: it may hold secrets. */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, version: "1.2" });
  const faults: YAMLError[] = [...document.errors, ...document.warnings];
  const mistakes: Mistake[] = faults.map((fault) => ({
    path: "",
    message: sentence(fault),
    where: place(lines, fault.pos[0]),
  }));
  const readable = faults.every((fault) => fault.code === "DUPLICATE_KEY");
  return { ...(readable ? valueOf(document, mistakes) : { value: undefined, mistakes }), locate };

  function locate(path: Path): string | undefined {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) return place(lines, node.range[0]);
    }
    return undefined;
  }
}

/** Fails on aliases that multiply without bound. */
function valueOf(document: Document, mistakes: readonly Mistake[]): { value: unknown; mistakes: readonly Mistake[] } {
  try {
    return { value: document.toJS(), mistakes };
  } catch {
    const message = "its aliases (*name) cannot be resolved: write the values out";
    return { value: undefined, mistakes: [...mistakes, { path: "", message }] };
  }
}

function sentence(fault: YAMLError): string {
  if (fault.code === "DUPLICATE_KEY") return "this key is written twice: keep one of them";
  return `this is not YAML: ${fault.message.replace(/: ".*$/s, "")}`;
}

function place(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}
