import { load } from "@pluriverse/engine"; import {readFileSync} from "node:fs";
const e=await load({wasm:process.argv[2]}); const s={name:"c",text:readFileSync("../../scenarios/contact-centre.toml","utf8")};
e.run(s,{replications:200}); const c=process.cpuUsage(); const r=e.run(s,{replications:2000}); const d=process.cpuUsage(c); console.log(process.argv[2],(d.user+d.system)/1000, r.ledger_hash.slice(0,8));
