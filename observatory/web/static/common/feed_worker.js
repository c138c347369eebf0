/** The worker that all tabs share: it has the one connection that a browser needs for however many of them. */

import { Feed } from "./feed.js";

const feed = new Feed("/api/live");

onconnect = ({ ports: [port] }) => feed.connect(port);
