//! What the files look like to whoever opens them with something else.

use expect_test::{Expect, expect};
use pluriverse_store::Format;

use crate::ledgers::{row, to_memory};

fn check(format: Format, expected: Expect) {
    let (file, _) = to_memory((0..8).map(row), format);
    let text = String::from_utf8(file.bytes()).unwrap();
    expected.assert_eq(&text);
}

#[test]
fn csv() {
    check(
        Format::Csv,
        expect![[r#"
        seq,time_s,kind,kind_name,subject,subject_name,object,object_name,value,cause
        0,0,0,arrive,0,case 0,,,0.0,
        1,0.001234567,1,"begin, ""now""",0,case 0,1,nurses#1,0.14285714285714285,0
        2,0.002469134,0,arrive,0,case 0,2,nurses#2,0.2857142857142857,0
        3,0.003703701,3,"lost
        line",1,case 1,3,,0.0,0
        4,0.004938268,2,tick,,,4,,0.5714285714285714,1
        5,0.006172835,0,arrive,1,case 1,5,station 5,0.7142857142857143,2
        6,0.007407402,1,"begin, ""now""",2,case 2,0,front desk,0.0,3
        7,0.008641969,0,arrive,2,case 2,,,1.0,4
    "#]],
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "most of them are the file")]
fn csv_sidecar() {
    let (file, _) = to_memory((0..8).map(row), Format::Csv);
    expect![[r#"
        {
          "header": {
            "pluriverse_ledger": 1,
            "provenance": {
              "engine": "0.1.0",
              "revision": "8a0e776",
              "kind": "process",
              "scenario_file": "desk, \"front\".toml",
              "scenario_text": "kind = \"process\"\n# Grüße, 世界\n",
              "overrides": [
                [
                  "desk.count",
                  "3"
                ]
              ],
              "files": [
                {
                  "path": "arrivals.csv",
                  "bytes": 6,
                  "blake3": "9f78f5b135c317a2f64aa41fa3f390146639324ca01be59484e62730e9b7459f"
                }
              ],
              "seed": 18446744073709551615,
              "replication": 4,
              "until_nanos": 3600000000000
            },
            "dictionary": {
              "kinds": [
                {
                  "name": "arrive",
                  "subject": 0,
                  "object": 1,
                  "value": "priority"
                },
                {
                  "name": "begin, \"now\"",
                  "subject": 0,
                  "object": 1,
                  "value": "wait [s]"
                },
                {
                  "name": "tick",
                  "subject": null,
                  "object": null,
                  "value": ""
                },
                {
                  "name": "lost\nline",
                  "subject": 0,
                  "object": 7,
                  "value": ""
                }
              ],
              "nouns": [
                {
                  "name": "case",
                  "labels": []
                },
                {
                  "name": "station",
                  "labels": [
                    {
                      "first": 0,
                      "count": 1,
                      "name": "front desk"
                    },
                    {
                      "first": 1,
                      "count": 3,
                      "name": "nurses"
                    }
                  ]
                }
              ]
            }
          },
          "closing": {
            "rows": 8,
            "hash": "d6dfc3600e3dbdc7a48ee8e30077c86d2eae1d6ecc5d706936d07ed0ce9f1a9d",
            "header": "b53be67e63a403ec13aa1f89cbdc5d8d4f6a24362f23dc902d5a8806266b7633",
            "cut": null
          }
        }
    "#]]
    .assert_eq(&String::from_utf8(file.sidecar().unwrap()).unwrap());
}

#[test]
fn ndjson() {
    check(
        Format::Ndjson,
        expect![[r#"
        {"pluriverse_ledger":1,"provenance":{"engine":"0.1.0","revision":"8a0e776","kind":"process","scenario_file":"desk, \"front\".toml","scenario_text":"kind = \"process\"\n# Grüße, 世界\n","overrides":[["desk.count","3"]],"files":[{"path":"arrivals.csv","bytes":6,"blake3":"9f78f5b135c317a2f64aa41fa3f390146639324ca01be59484e62730e9b7459f"}],"seed":18446744073709551615,"replication":4,"until_nanos":3600000000000},"dictionary":{"kinds":[{"name":"arrive","subject":0,"object":1,"value":"priority"},{"name":"begin, \"now\"","subject":0,"object":1,"value":"wait [s]"},{"name":"tick","subject":null,"object":null,"value":""},{"name":"lost\nline","subject":0,"object":7,"value":""}],"nouns":[{"name":"case","labels":[]},{"name":"station","labels":[{"first":0,"count":1,"name":"front desk"},{"first":1,"count":3,"name":"nurses"}]}]}}
        {"seq":0,"time":0,"kind":0,"kind_name":"arrive","subject":0,"subject_name":"case 0","object":null,"object_name":null,"value":0.0,"cause":null}
        {"seq":1,"time":1234567,"kind":1,"kind_name":"begin, \"now\"","subject":0,"subject_name":"case 0","object":1,"object_name":"nurses#1","value":0.14285714285714285,"cause":0}
        {"seq":2,"time":2469134,"kind":0,"kind_name":"arrive","subject":0,"subject_name":"case 0","object":2,"object_name":"nurses#2","value":0.2857142857142857,"cause":0}
        {"seq":3,"time":3703701,"kind":3,"kind_name":"lost\nline","subject":1,"subject_name":"case 1","object":3,"object_name":null,"value":0.0,"cause":0}
        {"seq":4,"time":4938268,"kind":2,"kind_name":"tick","subject":null,"subject_name":null,"object":4,"object_name":null,"value":0.5714285714285714,"cause":1}
        {"seq":5,"time":6172835,"kind":0,"kind_name":"arrive","subject":1,"subject_name":"case 1","object":5,"object_name":"station 5","value":0.7142857142857143,"cause":2}
        {"seq":6,"time":7407402,"kind":1,"kind_name":"begin, \"now\"","subject":2,"subject_name":"case 2","object":0,"object_name":"front desk","value":0.0,"cause":3}
        {"seq":7,"time":8641969,"kind":0,"kind_name":"arrive","subject":2,"subject_name":"case 2","object":null,"object_name":null,"value":1.0,"cause":4}
        {"closing":{"rows":8,"hash":"d6dfc3600e3dbdc7a48ee8e30077c86d2eae1d6ecc5d706936d07ed0ce9f1a9d","header":"b53be67e63a403ec13aa1f89cbdc5d8d4f6a24362f23dc902d5a8806266b7633","cut":null}}
    "#]],
    );
}
