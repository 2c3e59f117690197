/** Whence a client's request came, as whoever calls forwards it: it may be false where that party lies. */
export type ClientContext = { clientIp?: string | undefined; userAgent?: string | undefined };
