/** The words of what is kept, saved and linked. */
import { addWords } from "../page/i18n.js";
import en from "./en.js";
import zh from "./zh.js";

addWords({ en, zh });
