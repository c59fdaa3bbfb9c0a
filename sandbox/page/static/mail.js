// The mailbox: mails arrive by themselves, the arrow keys go from one to the next.

import { follow } from "./live.js";
import { followLinks, walkLines } from "./tools.js";

followLinks();
walkLines(".letter-row");
follow();
document.documentElement.dataset.ready = "";
