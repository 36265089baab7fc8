/** What the parts of the page share: the connection, what is known, and ways to tell a person something. */
import type { Api } from "./api";
import type { Interactions } from "./interactions";
import type { Playground, Session } from "./playground";
import type { Store } from "./store";
import type { Message } from "./types";

export interface Page {
  readonly api: Api;
  readonly store: Store;
  readonly interactions: Interactions;
  readonly playground: Playground;
  readonly session: Session;
  /** Shows a short notice, and reads it out. */
  readonly say: (text: string, kind?: "note" | "error") => void;
  /** Does something that may be refused, and says so where it is. */
  readonly attempt: (deed: () => Promise<unknown>) => Promise<boolean>;
  /** What other parts of the page offer. */
  readonly acts: Acts;
}

export interface Acts {
  reply: (message: Message) => void;
  edit: (message: Message) => void;
  write: (text: string) => void;
  jump: (message: { channel_id: string; id: string }) => void;
  openMenu: (message: Message, at: { x: number; y: number }, from: HTMLElement) => void;
  showWhy: (message: Message) => void;
}
