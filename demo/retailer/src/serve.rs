//! Serves the storefront and the handheld page on this machine.

use std::fs;
use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};

use anyhow::{Result, anyhow};
use tiny_http::{HTTPVersion, Header, Method, Request, Response, Server};

/// Where the parts of an address are: the page's data, the package as it is built, the handheld page, and the storefront itself.
struct Roots {
    data: PathBuf,
    package: PathBuf,
    handheld: PathBuf,
    page: PathBuf,
}

/// Takes the port, on this machine alone. Who asks waits until there is something to serve.
pub fn listen(port: u16) -> Result<Server> {
    Server::http(("127.0.0.1", port)).map_err(|error| {
        anyhow!("port {port} cannot be had ({error}); --port takes another, 0 any that is free")
    })
}

/// Serves until the program is stopped.
pub fn serve(server: &Server, project: &Path, data: &Path) {
    let built = project.join("demo/storefront/dist");
    let page = if built.is_dir() { built } else { project.join("demo/storefront") };
    let handheld = project.join("demo/handheld");
    let roots = Roots { data: data.to_owned(), package: project.join("npm"), handheld, page };
    let address = server.server_addr();
    println!("\nThe storefront: http://{address}/ (stop with Ctrl-C)");
    println!("Receiving and counting: http://{address}/handheld/");
    for request in server.incoming_requests() {
        // A browser that goes away before its answer is nothing to stop for.
        if let Err(error) = roots.answer(request) {
            eprintln!("a request was left without an answer: {error}");
        }
    }
}

impl Roots {
    fn answer(&self, request: Request) -> std::io::Result<()> {
        if !matches!(request.method(), Method::Get | Method::Head) {
            return respond(request, Response::from_string("only GET\n").with_status_code(405));
        }
        let Some(path) = self.file_of(request.url()) else {
            return respond(request, Response::from_string("not found\n").with_status_code(404));
        };
        match fs::read(&path) {
            Ok(bytes) => {
                let mut response = Response::from_data(bytes);
                for (name, value) in [("Content-Type", media_type(&path)), ("Cache-Control", "no-cache")] {
                    response
                        .add_header(Header::from_bytes(name, value).expect("fixed headers are well formed"));
                }
                respond(request, response)
            }
            Err(_) => respond(request, Response::from_string("not found\n").with_status_code(404)),
        }
    }

    /// The file behind an address, or nothing: no address leads out of its folder.
    fn file_of(&self, url: &str) -> Option<PathBuf> {
        let path = url.split(['?', '#']).next().unwrap_or("");
        let path = path.trim_start_matches('/');
        let (root, rest) = match path.split_once('/') {
            Some(("data", rest)) => (&self.data, rest),
            Some(("onhand", rest)) => (&self.package, rest),
            Some(("handheld", rest)) => (&self.handheld, rest),
            _ => (&self.page, path),
        };
        let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if rest.contains(['\\', '%', ':', '\0']) || !Path::new(rest).components().all(is_plain) {
            return None;
        }
        let file = root.join(rest);
        let file = if file.is_dir() { file.join("index.html") } else { file };
        // A link may lead out all the same.
        let (file, root) = (file.canonicalize().ok()?, root.canonicalize().ok()?);
        file.starts_with(root).then_some(file)
    }
}

/// Answers in HTTP 1.0, so that the browser closes the connection. The library has a thread for each connection and may leave
/// one that comes in a burst without: it would wait until another ends, which a connection that is kept open never does.
fn respond(request: Request, response: Response<impl Read>) -> std::io::Result<()> {
    let without_body = *request.method() == Method::Head;
    let headers = request.headers().to_vec();
    let mut writer = request.into_writer();
    response.raw_print(&mut writer, HTTPVersion(1, 0), &headers, without_body, None)?;
    writer.flush()
}

fn media_type(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webmanifest") => "application/manifest+json",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_address_leads_out_of_its_folder() {
        let folder = std::env::temp_dir().join(format!("onhand-serve-{}", std::process::id()));
        for part in ["page", "data", "npm", "handheld"] {
            fs::create_dir_all(folder.join(part)).unwrap();
        }
        fs::write(folder.join("secret"), "secret").unwrap();
        fs::write(folder.join("page/index.html"), "page").unwrap();
        fs::write(folder.join("handheld/index.html"), "page").unwrap();
        fs::write(folder.join("data/catalogue.json"), "{}").unwrap();
        let roots = Roots {
            data: folder.join("data"),
            package: folder.join("npm"),
            handheld: folder.join("handheld"),
            page: folder.join("page"),
        };
        let found = |url| roots.file_of(url).is_some();
        assert!(
            found("/") && found("/index.html?x=1") && found("/data/catalogue.json") && found("/handheld/")
        );
        for url in [
            "/../secret",
            "/data/../secret",
            "/data/..%2fsecret",
            "//secret",
            "/data//secret",
            "/./../secret",
        ] {
            assert!(!found(url), "{url}");
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.join("secret"), folder.join("page/link")).unwrap();
            assert!(!found("/link"));
        }
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_module_is_served_as_one() {
        assert_eq!(media_type(Path::new("a/onhand_bg.wasm")), "application/wasm");
    }
}
