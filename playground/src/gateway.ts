/** The gateway: one websocket that signs in, answers heartbeats, and comes back after a drop. */

const OP = { dispatch: 0, heartbeat: 1, identify: 2, resume: 6, reconnect: 7, invalid: 9, hello: 10, ack: 11 } as const;
/** Close codes after which coming back is of no use: the token is refused. */
const FATAL = new Set([4004, 4005]);
/** Any other code than 1000 and 1001 keeps the session. */
const COMING_BACK = 4000;
const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 5000;

interface Payload {
  op: number;
  t?: string | null;
  s?: number | null;
  d?: unknown;
}

export type Connection = "connecting" | "open" | "refused";

export class Gateway {
  sessionId: string | null = null;
  private sequence = 0;
  private socket: WebSocket | null = null;
  private beat = 0;
  private delay = FIRST_DELAY_MS;

  constructor(
    private readonly token: string,
    private readonly onEvent: (name: string, data: unknown) => void,
    private readonly onConnection: (connection: Connection) => void,
  ) {}

  connect(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/gateway?v=10&encoding=json`);
    this.socket = socket;
    this.onConnection("connecting");
    socket.addEventListener("message", (event) => this.receive(JSON.parse(String(event.data)) as Payload));
    socket.addEventListener("close", (event) => this.lost(event.code));
  }

  private lost(code: number): void {
    clearInterval(this.beat);
    if (FATAL.has(code)) {
      this.onConnection("refused");
      return;
    }
    this.onConnection("connecting");
    setTimeout(() => this.connect(), this.delay);
    this.delay = Math.min(LONGEST_DELAY_MS, this.delay * 2);
  }

  private send(op: number, d: unknown): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ op, d }));
  }

  private receive(payload: Payload): void {
    switch (payload.op) {
      case OP.hello:
        this.signIn((payload.d as { heartbeat_interval: number }).heartbeat_interval);
        break;
      case OP.invalid:
        this.sessionId = null;
        this.socket?.close(COMING_BACK);
        break;
      case OP.reconnect:
        this.socket?.close(COMING_BACK);
        break;
      case OP.dispatch:
        this.note(payload);
    }
  }

  private signIn(interval: number): void {
    clearInterval(this.beat);
    this.beat = window.setInterval(() => this.send(OP.heartbeat, this.sequence || null), interval);
    if (this.sessionId !== null) {
      this.send(OP.resume, { token: this.token, session_id: this.sessionId, seq: this.sequence });
    } else {
      const properties = { os: "web", browser: "playground", device: "playground" };
      this.send(OP.identify, { token: this.token, properties });
    }
  }

  private note(payload: Payload): void {
    this.sequence = payload.s ?? this.sequence;
    if (payload.t === "READY") this.sessionId = (payload.d as { session_id: string }).session_id;
    if (payload.t === "READY" || payload.t === "RESUMED") {
      this.delay = FIRST_DELAY_MS;
      this.onConnection("open");
    }
    if (payload.t) this.onEvent(payload.t, payload.d);
  }
}
