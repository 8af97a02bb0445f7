//! Files of lines with groups, through the whole hub: read, held, composed and sent.

use std::fs;

use dukou::text::Encoding;

use crate::harness::hub::Hub;

const RECEIVE: &str = "etc_clearing/receive_debits";
const ANSWER: &str = "etc_clearing/answer_debits";

const DATASETS: &[(&str, &str)] = &[
    (
        "debit",
        r#"
title = "代扣明细"
title_en = "Debits"
key = ["file_no", "batch_no", "line_no"]
distribution = "file_no"
[column]
file_no  = { type = "integer", title = "文件号", title_en = "File" }
batch_no = { type = "integer", title = "批号", title_en = "Batch" }
line_no  = { type = "integer", title = "行号", title_en = "Line" }
account  = { type = "text", title = "账号", title_en = "Account", class = "personal" }
owner    = { type = "text", title = "户名", title_en = "Owner", class = "sensitive" }
amount   = { type = "money", title = "金额", title_en = "Amount" }
"#,
    ),
    (
        "debit_answer",
        r#"
title = "代扣结果批"
title_en = "Debit answers"
key = ["answer_no"]
distribution = "answer_no"
[column]
answer_no = { type = "integer", title = "结果批号", title_en = "Answer" }
"#,
    ),
    (
        "debit_answer_row",
        r#"
title = "代扣结果"
title_en = "Debit answer rows"
key = ["answer_no", "file_no", "batch_no", "line_no"]
distribution = "answer_no"
[column]
answer_no = { type = "integer", title = "结果批号", title_en = "Answer" }
file_no   = { type = "integer", title = "文件号", title_en = "File" }
batch_no  = { type = "integer", title = "批号", title_en = "Batch" }
line_no   = { type = "integer", title = "行号", title_en = "Line" }
account   = { type = "text", title = "账号", title_en = "Account", class = "personal" }
amount    = { type = "money", title = "金额", title_en = "Amount" }
"#,
    ),
];

const DEBITS: &str = r#"
title = "代扣文件"
status = "profile"
[format.fixed]
encoding = "GBK"
[identity]
columns = ["file_no"]
[record.head]
occurs = "once"
fixed = { match = { at = 1, equals = "H" }, columns = { mark = [1, 1], file_no = [2, 6] } }
[record.head.field]
file_no = { from = "file_no", type = "integer" }
[record.batch]
inside = "head"
fixed = { match = { at = 1, equals = "B" }, columns = { mark = [1, 1], no = [2, 3], rows = [5, 4] } }
[record.batch.field]
no   = { from = "no", type = "integer" }
rows = { from = "rows", type = "integer" }
[record.detail]
inside = "batch"
dataset = "debit"
fixed = { match = { at = 1, equals = "D" }, columns = { mark = [1, 1], line = [2, 4], account = [6, 8], owner = [14, 8], amount = [22, 10] } }
[record.detail.field]
file_no  = { from = "head.file_no" }
batch_no = { from = "batch.no" }
line_no  = { from = "line" }
account  = { from = "account", digits = 8 }
owner    = { from = "owner" }
amount   = { from = "amount", unit = "fen", min = "0.01" }
[record.tail]
closes = "head"
fixed = { match = { at = 1, equals = "T" }, columns = { mark = [1, 1], lines = [2, 6], total = [8, 12] } }
[record.tail.field]
lines = { from = "lines", type = "integer" }
total = { from = "total", type = "money", unit = "fen" }
[[control]]
name = "批笔数"
within = "batch"
declared = "batch.rows"
count = "detail"
[[control]]
name = "总行数"
declared = "tail.lines"
count = "*"
[[control]]
name = "总金额"
declared = "tail.total"
sum = "detail.amount"
"#;

const ANSWERS: &str = r#"
title = "代扣结果文件"
status = "profile"
[format.csv]
separator = "|"
quote = "none"
[identity]
record = "batch"
columns = ["answer_no"]
[record.head]
occurs = "once"
csv = { match = { column = 1, equals = "H" }, columns = ["mark", "day", "lines", "total", "hash"] }
[record.head.field]
mark  = { from = "mark", value = "H" }
business_date = { from = "day", type = "date", format = "%Y%m%d" }
lines = { from = "lines", type = "integer" }
total = { from = "total", type = "money", unit = "yuan" }
hash  = { from = "hash", type = "integer" }
[record.batch]
inside = "head"
dataset = "debit_answer"
csv = { match = { column = 1, equals = "B" }, columns = ["mark", "no", "rows"] }
[record.batch.field]
mark      = { from = "mark", value = "B" }
answer_no = { from = "no" }
rows      = { from = "rows", type = "integer" }
[record.batch_end]
closes = "batch"
csv = { match = { column = 1, equals = "E" }, columns = ["mark", "no"] }
[record.batch_end.field]
mark      = { from = "mark", value = "E" }
answer_no = { from = "no", type = "integer" }
[record.row]
inside = "batch"
dataset = "debit_answer_row"
csv = { match = { column = 1, equals = "D" }, columns = ["mark", "seq", "file", "batch", "line", "account", "amount"] }
[record.row.field]
mark      = { from = "mark", value = "D" }
seq       = { from = "seq", type = "integer" }
answer_no = { from = "batch.no" }
file_no   = { from = "file" }
batch_no  = { from = "batch" }
line_no   = { from = "line" }
account   = { from = "account" }
amount    = { from = "amount", unit = "yuan" }
[record.tail]
closes = "head"
csv = { match = { column = 1, equals = "T" }, columns = ["mark"] }
[record.tail.field]
mark = { from = "mark", value = "T" }
[[control]]
name = "总行数"
declared = "head.lines"
count = "*"
[[control]]
name = "总金额"
declared = "head.total"
sum = "row.amount"
[[control]]
name = "账号校验和"
declared = "head.hash"
hash = { of = "row.account", last_digits = 4, modulus = 10000 }
[[control]]
name = "批笔数"
within = "batch"
declared = "batch.rows"
count = "row"
[[control]]
name = "批号一致"
within = "batch"
equal = ["batch.answer_no", "batch_end.answer_no"]
[[control]]
name = "序号"
within = "batch"
sequence = "row.seq"
"#;

const JOBS: &[(&str, &str)] = &[
    (
        RECEIVE,
        r#"
title = "接收代扣文件"
partner = "etc_clearing"
[pull]
connection = "etc_clearing"
path = "debits"
pattern = "{name}.txt"
ready = { stable_secs = 0 }
finish = { move_to = "debits_done" }
[[read]]
name = "debits"
mapping = "etc_clearing/debits"
"#,
    ),
    (
        ANSWER,
        r#"
title = "发送代扣结果"
partner = "etc_clearing"
[send.to_centre]
connection = "etc_clearing"
path = "answers"
name = "ANSWER_{business_date}_{number:04}.txt"
counter = "etc_clearing/answer_no"
[push]
mapping = "etc_clearing/debit_answers"
send = "to_centre"
[[push.compose]]
dataset = "debit_answer_row"
from = "debit"
missing = { dataset = "debit_answer_row", on = ["file_no", "batch_no", "line_no"] }
[push.compose.set]
answer_no = { number = true }
file_no = { column = "file_no" }
batch_no = { column = "batch_no" }
line_no = { column = "line_no" }
account = { column = "account" }
amount = { column = "amount" }
[[push.compose]]
dataset = "debit_answer"
[push.compose.set]
answer_no = { number = true }
"#,
    ),
];

fn hub() -> Hub {
    let hub = Hub::new();
    let put =
        |path: String, text: &str| fs::write(hub.path(path), text).expect("it can be written");
    for (name, text) in DATASETS {
        put(format!("mappings/datasets/{name}.toml"), text);
    }
    put("mappings/etc_clearing/debits.toml".to_owned(), DEBITS);
    put(
        "mappings/etc_clearing/debit_answers.toml".to_owned(),
        ANSWERS,
    );
    for (name, text) in JOBS {
        put(format!("jobs/{name}.toml"), text);
    }
    hub
}

fn gbk(text: &str) -> Vec<u8> {
    Encoding::Gbk.encode(text).expect("GBK has it").into_owned()
}

const GOOD: &str = "H000007\nB0010002\nD000161010001陕西一号0000001250\nD000261010002测试    0000000005\n\
                    B0020001\nD000161010003测试二号0000100000\nT000007000000101255\n";

#[test]
fn a_file_of_groups_is_loaded_and_its_answer_promises_what_it_holds() {
    let hub = hub().inbox("debits/A.txt", &gbk(GOOD));
    hub.dukou("check").exit(0);
    hub.run(RECEIVE).exit(0);
    let file = hub.json("files show 1");
    assert_eq!(
        file.pointer("/file/state"),
        Some(&"loaded".into()),
        "{file:#}"
    );
    hub.dukou(&format!("run {ANSWER} --business-date 2026-03-01"))
        .exit(0);
    let sent = hub.path("inbox/etc_clearing/answers/ANSWER_20260301_0001.txt");
    let sent = fs::read_to_string(sent).expect("it was sent");
    assert_eq!(
        sent,
        "H|20260301|7|1012.55|6\nB|1|3\nD|1|7|1|1|61010001|12.50\nD|2|7|1|2|61010002|0.05\n\
         D|3|7|2|1|61010003|1000.00\nE|1\nT\n"
    );
    // Nothing is left to say.
    hub.run(ANSWER).exit(0).says("nothing to send");
}

#[test]
fn a_break_of_the_structure_or_of_a_promise_holds_its_file_and_no_other() {
    let no_header = GOOD.replace("B0020001\n", "").replace("H000007", "H000008");
    let lost = GOOD
        .replace("H000007", "H000009")
        .replace("D000161010003测试二号0000100000\n", "");
    let second = format!("{}{}", GOOD.replace("H000007", "H000010"), GOOD);
    let cut = gbk(&GOOD
        .replace("H000007", "H000011")
        .replace("测试二号0000100000", "x测试二号000100000"));
    let hub = hub()
        .inbox("debits/A.txt", &gbk(GOOD))
        .inbox("debits/B.txt", &gbk(&no_header))
        .inbox("debits/C.txt", &gbk(&lost))
        .inbox("debits/D.txt", &gbk(&second))
        .inbox("debits/E.txt", &cut);
    hub.run(RECEIVE).exit(1);
    let reason = |number: u32| {
        let file = hub.json(&format!("files show {number}"));
        let text = |name: &str| {
            let found = file.pointer(&format!("/file/{name}"));
            found
                .and_then(|value| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        format!("{} {}", text("state"), text("reason"))
    };
    assert_eq!(reason(1), "loaded ");
    assert_eq!(
        reason(2),
        "held 批笔数 (record 2): promised 2, decoded 3; 总行数: promised 7, decoded 6"
    );
    assert_eq!(
        reason(3),
        "held 批笔数 (record 5): promised 1, decoded 0; 总行数: promised 7, decoded 6; 总金额: \
         promised 1012.55, decoded 12.55"
    );
    assert_eq!(
        reason(4),
        "held line 8: `head` comes a second time, the first stood at line 1 (at byte 142)"
    );
    assert_eq!(
        reason(5),
        "held 1 of 3 records are refused, 0 are tolerated; the first is record 6 `detail.owner`: the \
         character at byte 21 of the record (offset 110) is cut by the end of `owner` at byte 21"
    );
}
