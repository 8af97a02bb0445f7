//! Files too large to keep: made when they are needed.

use crate::harness::world::sealed;

const MIB: usize = 1 << 20;
/// Twice as much does not fit into the program's address space.
const LARGE: usize = 48 * MIB;
const ORDERS: &str = "order_no,owner,amount,due_on,channel,remark\n";
const FIRST: &str = "1,张三,10.00,2026-01-05,A,first\n";
const LAST: &str = "3,王五,30.00,2026-01-07,B,\n";
const HEADER: &str = "<Header><No>9000</No><Count>0</Count></Header>";

/// The bytes of a file that is made; `None` for any other name.
pub(super) fn bytes(name: &str) -> Option<Vec<u8>> {
    Some(match name {
        "orders.endless-line.txt" => format!("{ORDERS}1,{}", "x".repeat(LARGE)).into(),
        "orders.endless-quote.txt" => format!("{ORDERS}1,\"{}", "x\n".repeat(LARGE / 2)).into(),
        "orders.endless-field.txt" => between(&format!("2,\"{}\"\n", "x".repeat(LARGE))),
        "orders.long-field.txt" => between(&format!(
            "2,李四,20.00,2026-01-06,A,{}\n",
            "x".repeat(70 << 10)
        )),
        "orders.long-line.txt" => between(&format!("2,{}\n", "x,".repeat(20).repeat(30 << 10))),
        "orders.1025-columns.txt" => between(&format!("2{}\n", ",".repeat(1024))),
        "orders.million-columns.txt" => between(&format!("2{}\n", ",".repeat(1_000_000))),
        "orders.million-columns-named.txt" => {
            let names: String = (0..1_000_000).map(|n| format!("c{n},")).collect();
            format!("{names}\n{FIRST}").into()
        }
        "orders.bad-lines.txt" => {
            let lines: String = (1..=5000)
                .map(|n| format!("{n},张三,x,2026-01-05,A,\n"))
                .collect();
            format!("{ORDERS}{lines}").into()
        }
        "list.endless-line.txt" => format!("H|1|1000\n{}", "x".repeat(LARGE)).into(),
        "message.endless-text.txt" => message(&"x".repeat(LARGE)),
        "message.endless-comment.txt" => message(&format!("<!--{}-->", "x".repeat(LARGE))),
        "message.endless-cdata.txt" => {
            message(&format!("<x><![CDATA[{}]]></x>", "x".repeat(LARGE)))
        }
        "message.endless-instruction.txt" => message(&format!("<?x {}?>", "x".repeat(LARGE))),
        "message.endless-name.txt" => message(&format!("<{}/>", "x".repeat(LARGE))),
        "message.endless-attribute.txt" => message(&format!("<x a=\"{}\"/>", "x".repeat(LARGE))),
        "message.endless-space.txt" => message(&format!("<x{}/>", " ".repeat(LARGE))),
        "message.many-attributes.txt" => {
            let many: String = (0..800_000).map(|n| format!(" a{n}=\"\"")).collect();
            message(&format!("<x{many}/>"))
        }
        "message.many-namespaces.txt" => {
            let many: String = (0..10_000).map(|n| format!(" xmlns:n{n}=\"u\"")).collect();
            message(&format!("<x{many}/>"))
        }
        "message.deep.txt" => message(&format!(
            "{}{}",
            "<d>".repeat(100_000),
            "</d>".repeat(100_000)
        )),
        "message.many-elements.txt" => message(&"<x/>".repeat(1_000_000)),
        "good.lz77" => sealed(good(8001)),
        "bomb.lz77" => bomb(),
        "cut.lz77" => without_end(sealed(good(8002)), 9),
        "flipped.lz77" => flipped(sealed(good(8003))),
        "more.lz77" => [sealed(good(8004)), b"more".to_vec()].concat(),
        "no-container.lz77" => good(8005),
        "empty.lz77" => Vec::new(),
        "inner-bomb.lz77" => sealed(message(&"x".repeat(MIB))),
        _ => return None,
    })
}

/// Among two good lines.
fn between(line: &str) -> Vec<u8> {
    format!("{ORDERS}{FIRST}{line}{LAST}").into()
}

/// A message with something in it that nobody asked for.
fn message(inner: &str) -> Vec<u8> {
    let start = "<Message xmlns=\"urn:example:hostile\" Version=\"1\">";
    format!("{start}{HEADER}{inner}</Message>").into()
}

fn good(number: u32) -> Vec<u8> {
    let order = |no: u32| {
        format!(
            "<Order No=\"{no}\"><Owner>张三</Owner><Amount>10.00</Amount>\
             <DueOn>2026-01-05</DueOn><Channel>A</Channel></Order>"
        )
    };
    let header = format!(
        "<Header><No>{number}</No><Count>3</Count><Total>30.00</Total></Header>{}{}{}",
        order(1),
        order(2),
        order(3)
    );
    let start = "<Message xmlns=\"urn:example:hostile\" Version=\"1\">";
    format!("{start}{header}</Message>").into()
}

/// Blocks are independent of each other: one that opens to 64 KiB, a thousand times.
fn bomb() -> Vec<u8> {
    let start = format!("<Message xmlns=\"urn:example:hostile\" Version=\"1\">{HEADER}");
    let block = sealed("<x/>".repeat(16 << 10));
    [sealed(start), block.repeat(1024), sealed("</Message>")].concat()
}

fn without_end(mut bytes: Vec<u8>, cut: usize) -> Vec<u8> {
    bytes.truncate(bytes.len() - cut);
    bytes
}

fn flipped(mut bytes: Vec<u8>) -> Vec<u8> {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    bytes
}
