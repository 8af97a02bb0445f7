//! Addresses, templates and requests; the exchange itself is tested with a server in `tests/it`.

use std::net::IpAddr;

use super::{Base, Subnet, Template};

#[test]
fn an_address_has_a_scheme_a_host_and_nothing_hidden() {
    let base = Base::new("https://centre.example:8443/dfs/").expect("an address");
    assert_eq!(
        (base.is_tls, base.host.as_str(), base.port),
        (true, "centre.example", 8443)
    );
    assert_eq!(base.path, "/dfs");
    assert_eq!(Base::new("http://10.0.0.1").map(|base| base.port), Ok(80));
    for (text, why) in [
        ("ftp://x", "`ftp://x` does not begin with `https://`"),
        (
            "https://user@x",
            "an address has no user, no `?` and no `#`: use `query` and `headers`",
        ),
        ("https://x:0", "`x:0` has no port of 1 to 65535"),
        (
            "https:///a",
            "`https:///a` has no host, or characters that no address has",
        ),
    ] {
        assert_eq!(Base::new(text), Err(why.to_owned()));
    }
}

#[test]
fn a_net_has_the_addresses_that_begin_like_it() {
    for (net, address, is_in) in [
        ("10.1.0.0/16", "10.1.255.7", true),
        ("10.1.0.0/16", "10.2.0.1", false),
        ("192.0.2.7", "192.0.2.7", true),
        ("192.0.2.7", "192.0.2.8", false),
        ("192.0.2.7", "::ffff:192.0.2.7", true),
        ("0.0.0.0/0", "203.0.113.9", true),
        ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/32", "2001:db8:1::1", true),
        ("2001:db8::/32", "2001:db9::1", false),
    ] {
        let net = Subnet::new(net).expect("a net");
        let address: IpAddr = address.parse().expect("an address");
        assert_eq!(net.has(address), is_in, "{net:?} {address}");
    }
    for text in ["x", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/"] {
        assert_eq!(
            Subnet::new(text),
            Err(format!(
                "`{text}` is no address such as 192.0.2.7 and no net such as 10.1.0.0/16"
            ))
        );
    }
}

#[test]
fn an_unknown_placeholder_of_a_request_is_refused() {
    assert_eq!(
        Template::new("{md4}", &["md5", "name"]),
        Err("`{md4}` is not known here: use {md5}, {name}".to_owned())
    );
    assert_eq!(
        Template::new("{md5", &["md5"]),
        Err("a `{` without its `}` in `{md5`".to_owned())
    );
}
