import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { checkPrices, type Prices } from "../domain/price.ts";

export const readPrices = (path: string): Prices =>
  checkPrices(parse(readFileSync(path, "utf8")), path);
