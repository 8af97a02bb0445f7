//! A fresh PostgreSQL database for each test, on the server that `ops/test` starts.

use dukou::db::{Database, DatabaseUrl, DbError, OpenOptions};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// An empty database that is dropped, with whatever still uses it, at the end of the test.
pub(crate) struct FreshDatabase {
    admin: DatabaseUrl,
    name: String,
    text: String,
}

impl FreshDatabase {
    /// Creates one. A missing server is a failure, never a skipped test.
    pub(crate) async fn create() -> Self {
        let admin = std::env::var("DUKOU_TEST_POSTGRES").expect(
            "DUKOU_TEST_POSTGRES names no PostgreSQL server: run `ops/test`, which starts one",
        );
        let name = unique_name();
        let fresh = Self {
            text: with_database(&admin, &name),
            admin: DatabaseUrl::parse(&admin).expect("DUKOU_TEST_POSTGRES is a database address"),
            name,
        };
        fresh
            .administer(&format!("CREATE DATABASE \"{}\"", fresh.name))
            .await
            .expect("the test server can create a database");
        fresh
    }

    /// Its address as a settings file has it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its address.
    pub(crate) fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(&self.text).expect("it was made from an address")
    }

    async fn administer(&self, sql: &str) -> Result<(), DbError> {
        let options = OpenOptions {
            pool_size: 1,
            ..OpenOptions::default()
        };
        let server = Database::open(&self.admin, &options).await?;
        // A query, because databases cannot be created or dropped inside a transaction.
        let done = server.query(sql, &[]).await;
        server.close().await;
        done.map(drop)
    }
}

impl Drop for FreshDatabase {
    fn drop(&mut self) {
        let sql = format!("DROP DATABASE IF EXISTS \"{}\" WITH (FORCE)", self.name);
        // A thread of its own: this may run inside a runtime, where blocking is not allowed.
        let dropped = std::thread::scope(|scope| {
            let work = scope.spawn(|| {
                tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime starts")
                    .block_on(self.administer(&sql))
            });
            work.join()
        });
        if !std::thread::panicking() {
            dropped
                .expect("dropping does not panic")
                .expect("a test database can be dropped");
        }
    }
}

fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is after 1970");
    format!(
        "dukou_test_{}_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed),
        now.subsec_nanos()
    )
}

/// The address `admin` with another database.
fn with_database(admin: &str, name: &str) -> String {
    let (place, parameters) = match admin.split_once('?') {
        Some((place, parameters)) => (place, format!("?{parameters}")),
        None => (admin, String::new()),
    };
    let server = match place.rsplit_once('/') {
        Some((server, _)) if !server.ends_with('/') => server,
        _ => place,
    };
    format!("{server}/{name}{parameters}")
}
