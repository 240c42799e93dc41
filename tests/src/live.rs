//! What promises live by after they are made, as cases ask for it: the same question on a changed view.
//!
//! ```text
//! if CHANGE {, CHANGE} promise …
//! sure {error=WRONG_PPM/MEAN_MILLI[:SKU][@NODE]} [failure=COST] [attempt=COST] [supply=PPM] [weigh=yes] promise …
//! tries {error=…} [failure=COST] [attempt=COST] promise …
//! instead [cheaper=COST] [steps_max=N] promise …
//! again ORDER promise …
//! promises [@MOMENT] [after=ORDER/LINE] [most=N]
//! earliest|latest|latest_by [@MOMENT] NODE [by METHOD to ZONE]
//! deal [@MOMENT] SKU at NODE {ORDER[/LINE]=STRATEGY:WANTED[@MOMENT]}
//! cart NAME promise …
//! accept ID NAME [@MOMENT] for ORDER
//! ```
//!
//! A change is `+3 TEA at S1` or `-3 TEA at S1` (on hand), `+3 TEA at S1 due=MOMENT` (supply that nobody announced), `PO1 TEA at S1
//! due=MOMENT` or `PO1 TEA at S1 never` (an announced supply comes then, or not), `S1 on` or `S1 off` (line), `TEA at S1
//! unprotected`. The answer is that of `promise`.
//!
//! `sure` answers the offer and how sure it is: `…, found 792000 expected=208, from S1 792000: 1 TEA of 3-0 is 792000 costs 208`, where `3-0`
//! is what the record has, less what others have claimed. `tries` answers the nodes in the order in which to look: `found 990000
//! expected=450 failure=9000, S1 by van 900000 of 5-0 attempt=50 ship=300 index=356, …, left out S3 …, relaxed RULE …`.
//!
//! `instead` answers what would have made the promise hold, or cheaper by so much: `missing 2 cost=2000000, units 2: +2 TEA at S1
//! cost=0 arrive=09:00, needed_later 1h cost=0 arrive=10:00`; `holds cost=0` where nothing has to change; `incomplete` at the end where the
//! steps were used up.
//!
//! `again` asks for an order that holds claims. `promises` lists what is promised and covered: `order-1/TEA 2 of 3 TEA at S1, order-2/TEA 1 of 1 TEA
//! at S1 supply=PO1 ready=day2/00:00, more`. `deal` answers what each line held and gets: `order-1/TEA win 2 to 5: 4 + 1 supply=PO1 day2/00:00,
//! order-2/TEA gain exception 3 to 2: 2`. `cart` asks for an offer and keeps it under a name; `accept` accepts that one, and is
//! answered as a reservation is, with `, fresh` and what can be offered now where it is refused.

//!
//! `earliest` answers when an order of the moment leaves and arrives by the hours of the rulebook, `10:00-12:00`, or the check that it
//! fails; `latest` until when to order for the day of the moment, `latest_by` for the moment itself. `if`, `sure`, `tries`, `instead`, `again` and `cart` ask under the rulebook of the
//! case, as `promise` does, and `accept` under that of its cart.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use onhand::promise::{
    AcceptRefused, Change, Leg, Offer, REMEDY_STEPS_DEFAULT, Request, Risk, Rulebook, Strategy, SureOffer,
    Want, Wish, With,
};
use onhand::{Book, Event, Name, Time};
use serde_json::{Map, Value, json};

use crate::{event, host, moment, promise, render};

/// What is asked, by which door, and when.
#[derive(Clone, Debug)]
pub struct Asked {
    pub door: &'static str,
    /// The question with the keys of the wire.
    pub query: Value,
    pub now: i64,
}

/// Reads the words of a step.
pub fn parse(words: &[&str], now: i64) -> Result<Asked> {
    match words {
        ["if", rest @ ..] => promise_if(rest, now),
        ["sure", rest @ ..] => with_risk("promise_surely", rest, now),
        ["tries", rest @ ..] => with_risk("tries", rest, now),
        ["instead", rest @ ..] => instead(rest, now),
        ["again", order, rest @ ..] => {
            let (_, asked) = before_promise(rest, now)?;
            let query = json!({ "request": asked.request, "order": order });
            Ok(Asked { door: "promise_again", query, now: asked.now })
        }
        ["cart", cart, rest @ ..] => {
            let (_, asked) = before_promise(rest, now)?;
            let query = json!({ "request": asked.request, "cart": cart });
            Ok(Asked { door: "cart", query, now: asked.now })
        }
        ["promises", rest @ ..] => promises(rest, now),
        ["earliest", rest @ ..] => scheduled("earliest", rest, now),
        ["latest", rest @ ..] => scheduled("latest", rest, now),
        ["latest_by", rest @ ..] => scheduled("latest_by", rest, now),
        ["deal", rest @ ..] => deal(rest, now),
        _ => bail!("`{}` asks for nothing", words.join(" ")),
    }
}

impl Asked {
    /// Asks it under a rulebook, where it may be.
    pub fn under(&mut self, rulebook: &Value) {
        match self.door {
            "earliest" | "latest" | "latest_by" => self.query["rules"] = rulebook.clone(),
            "open_promises" | "redistribute" => {}
            _ => self.query["request"]["rules"] = rulebook.clone(),
        }
    }
}

/// `NODE [by METHOD to ZONE]`, of a moment.
fn scheduled(door: &'static str, words: &[&str], now: i64) -> Result<Asked> {
    let (at, words) = moment_first(words, now)?;
    let mut query = match words {
        [node] => json!({ "node": node }),
        [node, "by", method, "to", zone] => json!({ "node": node, "method": method, "zone": zone }),
        _ => bail!("`{door}` needs a NODE, by a METHOD to a ZONE"),
    };
    query["at"] = json!(at);
    Ok(Asked { door, query, now: at })
}

/// The words before `promise`, and what is asked after it.
fn before_promise<'a>(words: &'a [&'a str], now: i64) -> Result<(&'a [&'a str], promise::Asked)> {
    let at = words.iter().position(|word| *word == "promise").context("nothing is asked by `promise`")?;
    let (before, after) = words.split_at(at);
    Ok((before, promise::parse(&after[1..], now)?))
}

fn promise_if(words: &[&str], now: i64) -> Result<Asked> {
    let (before, asked) = before_promise(words, now)?;
    let text = before.join(" ");
    let changes = text.split(',').map(|one| change(one.trim())).collect::<Result<Vec<Value>>>()?;
    let query = json!({ "request": asked.request, "changes": changes });
    Ok(Asked { door: "promise_if", query, now: asked.now })
}

fn change(text: &str) -> Result<Value> {
    let words: Vec<&str> = text.split(' ').collect();
    let due = |word: &str| moment::parse(word.strip_prefix("due=").context("`due=MOMENT` is missing")?);
    Ok(match words[..] {
        [node, line @ ("on" | "off")] => json!({ "on_line": { "node": node, "on_line": line == "on" } }),
        [sku, "at", node, "unprotected"] => json!({ "unprotected": { "sku": sku, "node": node } }),
        [units, sku, "at", node] => {
            json!({ "stock": { "sku": sku, "node": node, "units": units.parse::<i64>()? } })
        }
        [units, sku, "at", node, last] => match units.parse::<i64>() {
            Ok(units) => json!({ "supply": { "sku": sku, "node": node, "units": units, "due": due(last)? } }),
            Err(_) if last == "never" => json!({ "moved": { "supply": units, "sku": sku, "node": node } }),
            Err(_) => json!({ "moved": { "supply": units, "sku": sku, "node": node, "due": due(last)? } }),
        },
        _ => bail!("`{text}` is no change"),
    })
}

fn with_risk(door: &'static str, words: &[&str], now: i64) -> Result<Asked> {
    let (before, asked) = before_promise(words, now)?;
    let (mut risk, mut errors) = (Map::new(), Vec::new());
    for word in before {
        let (key, value) = word.split_once('=').with_context(|| format!("`{word}` is no KEY=VALUE"))?;
        match key {
            "error" => errors.push(error_terms(value)?),
            "failure" | "attempt" => drop(risk.insert(format!("{key}_cost"), json!(value.parse::<i64>()?))),
            "supply" => drop(risk.insert("supply_ppm".into(), json!(value.parse::<i64>()?))),
            "weigh" => drop(risk.insert(key.into(), json!(value == "yes"))),
            _ => bail!("`{key}` is no term of a risk"),
        }
    }
    risk.insert("errors".into(), Value::from(errors));
    let query = json!({ "request": asked.request, "risk": risk });
    Ok(Asked { door, query, now: asked.now })
}

fn instead(words: &[&str], now: i64) -> Result<Asked> {
    let (before, asked) = before_promise(words, now)?;
    let (mut cheaper_by, mut steps_max) = (0, None);
    for word in before {
        match word.split_once('=') {
            Some(("cheaper", cost)) => cheaper_by = cost.parse::<i64>()?,
            Some(("steps_max", steps)) => steps_max = Some(steps.parse::<u64>()?),
            _ => bail!("`{word}` is no wish"),
        }
    }
    let query = json!({ "request": asked.request, "cheaper_by": cheaper_by, "steps_max": steps_max });
    Ok(Asked { door: "counterfactual", query, now: asked.now })
}

/// Reads the words of `accept`: a reservation without lines, and the cart whose offer it accepts.
pub fn accept(words: &[&str], now: i64) -> Result<Asked> {
    let ["accept", id, cart, rest @ ..] = words else { bail!("`accept` needs an id and a cart") };
    let told = event::parse(&[&["reserve", id], rest].concat(), now)?;
    let query = json!({ "cart": cart, "command": told.json });
    Ok(Asked { door: "accept", query, now: told.occurred })
}

fn moment_first<'a>(words: &'a [&'a str], now: i64) -> Result<(i64, &'a [&'a str])> {
    match words.split_first() {
        Some((first, rest)) if first.starts_with('@') => Ok((moment::parse(&first[1..])?, rest)),
        _ => Ok((now, words)),
    }
}

fn promises(words: &[&str], now: i64) -> Result<Asked> {
    let (now, words) = moment_first(words, now)?;
    let mut query = json!({ "now": now });
    for word in words {
        match word.split_once('=') {
            Some(("after", line)) => {
                let (subject, line) = line.split_once('/').context("`after` is ORDER/LINE")?;
                query["after"] = json!({ "subject": subject, "line": line });
            }
            Some(("most", most)) => query["most"] = json!(most.parse::<u64>()?),
            _ => bail!("`{word}` is no term of a page"),
        }
    }
    Ok(Asked { door: "open_promises", query, now })
}

fn deal(words: &[&str], now: i64) -> Result<Asked> {
    let (now, words) = moment_first(words, now)?;
    let [sku, "at", node, lines @ ..] = words else { bail!("`deal` needs SKU at NODE") };
    let mut wants = Vec::new();
    for word in lines {
        let (line, terms) = word.split_once('=').context("a line is ORDER[/LINE]=STRATEGY:WANTED")?;
        let (subject, line) = line.split_once('/').unwrap_or((line, sku));
        let (strategy, wanted) = terms.split_once(':').context("a line is ORDER[/LINE]=STRATEGY:WANTED")?;
        let (wanted, by) = wanted.split_once('@').map_or((wanted, None), |(wanted, by)| (wanted, Some(by)));
        let mut want = json!({ "subject": subject, "line": line, "strategy": strategy, "wanted": wanted.parse::<i64>()? });
        if let Some(by) = by {
            want["needed_by"] = json!(moment::parse(by)?);
        }
        wants.push(want);
    }
    Ok(Asked {
        door: "redistribute",
        query: json!({ "sku": sku, "node": node, "now": now, "wants": wants }),
        now,
    })
}

fn error_terms(text: &str) -> Result<Value> {
    let (text, node) = text.split_once('@').map_or((text, None), |(text, node)| (text, Some(node)));
    let (text, sku) = text.split_once(':').map_or((text, None), |(text, sku)| (text, Some(sku)));
    let (wrong, mean) = text.split_once('/').context("an error is WRONG_PPM/MEAN_MILLI")?;
    let error = json!({ "wrong_ppm": wrong.parse::<i64>()?, "mean_milli": mean.parse::<i64>()? });
    let mut terms = Map::new();
    terms.insert("error".into(), error);
    for (key, value) in [("sku", sku), ("node", node)] {
        if let Some(value) = value {
            terms.insert(key.into(), json!(value));
        }
    }
    Ok(Value::from(terms))
}

/// Offers that were kept, with what was asked for and under which rules, by the names of their carts.
pub type Carts = BTreeMap<String, (Request, Option<Rulebook>, Offer)>;

/// The answer of the crate itself.
pub fn native(book: &mut Book, carts: &mut Carts, door: &str, query: &Value) -> Result<Value> {
    let mut request = query["request"].clone();
    let rules = request.as_object_mut().and_then(|request| request.remove("rules"));
    let request = || serde_json::from_value::<Request>(request.clone());
    let rules = rules.unwrap_or_else(|| query["rules"].clone());
    if !rules.is_null() {
        return under(book, carts, door, query, request, &Rulebook::from_json(&rules.to_string())?);
    }
    match door {
        "promise_if" => {
            let changes = serde_json::from_value::<Vec<Change>>(query["changes"].clone())?;
            let Ok(request) = request() else { return Ok(host::unreadable()) };
            host::offered(book.promise_if(&request, &changes))
        }
        "promise_surely" => {
            let risk = serde_json::from_value::<Risk>(query["risk"].clone())?;
            let Ok(request) = request() else { return Ok(host::unreadable()) };
            host::told(book.promise_surely(&request, &risk).map(sure_offer))
        }
        "tries" => {
            let risk = serde_json::from_value::<Risk>(query["risk"].clone())?;
            let Ok(request) = request() else { return Ok(host::unreadable()) };
            host::told(book.tries(&request, &risk).map(|tries| Ok(serde_json::to_value(tries)?)))
        }
        "counterfactual" => {
            let Ok(request) = request() else { return Ok(host::unreadable()) };
            let (wish, steps_max) = wished(query)?;
            host::told(
                book.counterfactual(&request, wish, steps_max).map(|one| Ok(serde_json::to_value(one)?)),
            )
        }
        "promise_again" => {
            let Ok(request) = request() else { return Ok(host::unreadable()) };
            host::offered(book.promise_again(&request, &name(&query["order"])?))
        }
        "open_promises" => {
            let most = query["most"].as_u64().map_or(Ok(1_000), usize::try_from)?;
            let after = query["after"]["subject"].as_str().zip(query["after"]["line"].as_str());
            host::told(
                book.open_promises(after, most, time(&query["now"])?)
                    .map(|page| Ok(serde_json::to_value(page)?)),
            )
        }
        "redistribute" => {
            let wants = list(&query["wants"]).iter().map(want).collect::<Result<Vec<Want>>>()?;
            let dealt =
                book.redistribute(&word(&query["sku"]), &word(&query["node"]), time(&query["now"])?, &wants);
            host::told(dealt.map(|dealt| Ok(json!({ "dealt": serde_json::to_value(dealt)? }))))
        }
        "cart" => {
            let Ok(request) = request() else { return Ok(host::unreadable()) };
            let offer = book.promise(&request);
            if let Ok(offer) = &offer {
                carts.insert(word(&query["cart"]), (request, None, offer.clone()));
            }
            host::offered(offer)
        }
        "accept" => {
            let (request, rulebook, offer) = carts.get(&word(&query["cart"])).context("no such cart")?;
            let command =
                Event::from_json(&word(&query["command"])).map_err(|why| anyhow::anyhow!("{why:?}"))?;
            let accepted = match rulebook {
                Some(rulebook) => book.accept_under(rulebook, &command, request, offer),
                None => book.accept(&command, request, offer),
            };
            Ok(match accepted {
                Ok(outcome) => serde_json::to_value(outcome)?,
                Err(AcceptRefused::Refused { refusal, fresh }) => {
                    let mut answer = serde_json::to_value(refusal)?;
                    if let Some(fresh) = fresh {
                        answer["fresh"] = host::offered(Ok(*fresh))?;
                    }
                    answer
                }
                Err(AcceptRefused::Changed { fresh }) => {
                    json!({ "ok": false, "code": "offer_changed", "fresh": host::offered(Ok(*fresh))? })
                }
                Err(other) => json!({ "ok": false, "code": other.code() }),
            })
        }
        _ => bail!("there is no door `{door}`"),
    }
}

/// What is asked under a rulebook.
fn under(
    book: &Book,
    carts: &mut Carts,
    door: &str,
    query: &Value,
    request: impl Fn() -> serde_json::Result<Request>,
    rulebook: &Rulebook,
) -> Result<Value> {
    if let "earliest" | "latest" | "latest_by" = door {
        let zone =
            query["zone"].as_str().map(Name::new).transpose().map_err(|why| anyhow::anyhow!("{why:?}"))?;
        let leg = Leg { node: &word(&query["node"]), zone: zone.as_ref(), method: query["method"].as_str() };
        let at = time(&query["at"])?;
        return Ok(match door {
            "latest" => json!({ "ok": true, "latest": book.latest(rulebook, leg, at)? }),
            "latest_by" => json!({ "ok": true, "latest": book.latest_by(rulebook, leg, at)? }),
            _ => match book.earliest(rulebook, leg, at)? {
                Some(Ok(times)) => {
                    json!({ "ok": true, "release_by": times.release_by, "arrive_by": times.arrive_by })
                }
                Some(Err(check)) => json!({ "ok": true, "check": check.code() }),
                None => json!({ "ok": true }),
            },
        });
    }
    let Ok(request) = request() else { return Ok(host::unreadable()) };
    match door {
        "promise_if" => {
            let changes = serde_json::from_value::<Vec<Change>>(query["changes"].clone())?;
            let with = With { changes: &changes, ..With::default() };
            host::offered(book.promise_under_with(rulebook, &request, &with).map(|sure| sure.offer))
        }
        "promise_surely" => {
            let risk = serde_json::from_value::<Risk>(query["risk"].clone())?;
            let with = With { risk: Some(&risk), ..With::default() };
            host::told(book.promise_under_with(rulebook, &request, &with).map(sure_offer))
        }
        "promise_again" => {
            let with = With { order: Some(&name(&query["order"])?), ..With::default() };
            host::offered(book.promise_under_with(rulebook, &request, &with).map(|sure| sure.offer))
        }
        "tries" => {
            let risk = serde_json::from_value::<Risk>(query["risk"].clone())?;
            let answer = book.tries_under(rulebook, &request, &risk);
            host::told(answer.map(|one| Ok(serde_json::to_value(one)?)))
        }
        "counterfactual" => {
            let (wish, steps_max) = wished(query)?;
            let answer = book.counterfactual_under(rulebook, &request, wish, steps_max);
            host::told(answer.map(|one| Ok(serde_json::to_value(one)?)))
        }
        "cart" => {
            let offer = book.promise_under(rulebook, &request);
            if let Ok(offer) = &offer {
                carts.insert(word(&query["cart"]), (request, Some(rulebook.clone()), offer.clone()));
            }
            host::offered(offer)
        }
        _ => bail!("there is no door `{door}` under a rulebook"),
    }
}

fn sure_offer(sure: SureOffer) -> Result<Value> {
    let offer = host::offered(Ok(sure.offer))?;
    Ok(json!({ "offer": offer, "certainty": serde_json::to_value(sure.certainty)? }))
}

fn wished(query: &Value) -> Result<(Wish, u64)> {
    let by = query["cheaper_by"].as_i64().context("no wish")?;
    let wish = if by == 0 { Wish::Whole } else { Wish::Cheaper(by) };
    Ok((wish, query["steps_max"].as_u64().unwrap_or(REMEDY_STEPS_DEFAULT)))
}

fn want(want: &Value) -> Result<Want> {
    let strategy = Strategy::from_code(&word(&want["strategy"])).context("no strategy")?;
    Ok(Want {
        subject: name(&want["subject"])?,
        line: name(&want["line"])?,
        strategy,
        wanted: want["wanted"].as_i64().context("no quantity")?,
        needed_by: want["needed_by"].as_i64(),
    })
}

fn name(value: &Value) -> Result<Name> {
    Name::new(&word(value)).map_err(|problem| anyhow::anyhow!("{value} is {problem}"))
}

fn time(value: &Value) -> Result<Time> {
    value.as_i64().and_then(Time::new).context("a moment before 1970")
}

/// An answer as text, and with every number for hosts to be held against each other.
pub fn answer(asked: &Asked, answer: &Value) -> (String, String) {
    let refused = answer["ok"] == json!(false);
    let text = match asked.door {
        "promise_surely" if !refused => {
            format!("{}, {}", promise::answer(&answer["offer"]), certainty(answer))
        }
        "earliest" if !refused => match (answer["release_by"].as_i64(), answer["arrive_by"].as_i64()) {
            (Some(release), Some(arrive)) => {
                format!("{}-{}", moment::format(release), moment::format(arrive))
            }
            _ => answer.get("check").map_or_else(|| "none".to_owned(), word),
        },
        "latest" | "latest_by" => answer["latest"].as_i64().map_or_else(|| "none".to_owned(), moment::format),
        "tries" if !refused => tries(answer),
        "counterfactual" if !refused => remedies(answer),
        "open_promises" if !refused => open_promises(answer),
        "redistribute" if !refused => list(&answer["dealt"]).iter().map(dealt).collect::<Vec<_>>().join(", "),
        "accept" => {
            let mut refusal = answer.clone();
            let fresh = refusal.as_object_mut().and_then(|refusal| refusal.remove("fresh"));
            let fresh =
                fresh.map_or_else(String::new, |fresh| format!(", fresh {}", promise::answer(&fresh)));
            format!("{}{fresh}", render::answer(&refusal))
        }
        _ => promise::answer(answer),
    };
    let mut all = answer.clone();
    for key in ["offer", "fresh"] {
        if let Some(offer) = all.get_mut(key).and_then(Value::as_object_mut) {
            offer.retain(|_, value| *value != json!([]));
        }
    }
    (text, promise::whole(&all))
}

fn certainty(answer: &Value) -> String {
    let certainty = &answer["certainty"];
    let mut text = format!("found {} expected={}", certainty["ppm"], certainty["expected_cost"]);
    let from = list(&answer["offer"]["shipments"]).iter().map(|shipment| word(&shipment["node"]));
    for (shipment, node) in list(&certainty["shipments"]).iter().zip(from) {
        let lines = list(&shipment["lines"]).iter().map(|line| {
            let units = line["on_hand"].as_i64().unwrap_or(0) + line["to_come"].as_i64().unwrap_or(0);
            let (sku, ppm, cost) = (word(&line["sku"]), &line["ppm"], &line["failure_cost"]);
            format!("{units} {sku} of {}-{} is {ppm} costs {cost}", line["record"], line["claimed"])
        });
        let lines: Vec<String> = lines.collect();
        text.push_str(&format!(", from {node} {}: {}", shipment["ppm"], lines.join(" + ")));
    }
    text
}

fn tries(answer: &Value) -> String {
    let mut text = format!(
        "found {} expected={} failure={}",
        answer["ppm"], answer["expected_cost"], answer["failure_cost"]
    );
    for (key, mark) in [("tries", ""), ("left_out", "left out ")] {
        for one in list(&answer[key]) {
            let method = one.get("method").map_or_else(String::new, |method| format!(" by {}", word(method)));
            let index = one.get("index_cost").map_or_else(|| "none".to_owned(), Value::to_string);
            text.push_str(&format!(
                ", {mark}{}{method} {} of {}-{} attempt={} ship={} index={index}",
                word(&one["node"]),
                one["ppm"],
                one["record"],
                one["claimed"],
                one["attempt_cost"],
                one["ship_cost"]
            ));
        }
    }
    text + &promise::relaxed(answer)
}

fn remedies(answer: &Value) -> String {
    if answer["holds"] == json!(true) {
        return format!("holds cost={}", answer["cost"]);
    }
    let mut text = format!("missing {} cost={}", answer["missing"], answer["cost"]);
    for remedy in list(&answer["remedies"]) {
        let kind = word(&remedy["kind"]);
        let size = remedy["size"].as_i64().unwrap_or(0);
        let size = match kind.as_str() {
            "units" => format!(" {size}"),
            "supply_earlier" | "needed_later" | "asked_earlier" => format!(" {}", moment::span(size)),
            _ => String::new(),
        };
        let changes: Vec<String> = list(&remedy["changes"]).iter().map(told_change).collect();
        let changes = if changes.is_empty() { String::new() } else { format!(": {}", changes.join(" and ")) };
        let arrive = remedy["arrive_by"].as_i64();
        let arrive = arrive.map_or_else(String::new, |at| format!(" arrive={}", moment::format(at)));
        text.push_str(&format!(", {kind}{size}{changes} cost={}{arrive}", remedy["cost"]));
    }
    if answer["complete"] != json!(true) {
        text.push_str(", incomplete");
    }
    text
}

fn open_promises(answer: &Value) -> String {
    let promises = list(&answer["promises"]).iter().map(|one| {
        let supply = one.get("supply").map_or_else(String::new, |supply| format!(" supply={}", word(supply)));
        let ready = one["ready"].as_i64();
        let ready = ready.map_or_else(String::new, |ready| format!(" ready={}", moment::format(ready)));
        let [subject, line, sku, node] = ["subject", "line", "sku", "node"].map(|key| word(&one[key]));
        format!("{subject}/{line} {} of {} {sku} at {node}{supply}{ready}", one["covered"], one["units"])
    });
    let mut all: Vec<String> = promises.collect();
    if answer.get("next").is_some() {
        all.push("more".to_owned());
    }
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

fn dealt(one: &Value) -> String {
    let exception = if one["exception"] == json!(true) { " exception" } else { "" };
    let [subject, line, strategy] = ["subject", "line", "strategy"].map(|key| word(&one[key]));
    let got = |got: &Value| match got.get("supply") {
        Some(supply) => {
            let ready = got["ready"].as_i64().map_or_else(String::new, moment::format);
            format!("{} supply={} {ready}", got["units"], word(supply))
        }
        None => got["units"].to_string(),
    };
    let units: i64 = list(&one["gets"]).iter().filter_map(|got| got["units"].as_i64()).sum();
    let gets: Vec<String> = list(&one["gets"]).iter().map(got).collect();
    let gets = if gets.is_empty() { String::new() } else { format!(": {}", gets.join(" + ")) };
    format!("{subject}/{line} {strategy}{exception} {} to {units}{gets}", one["held"])
}

fn told_change(change: &Value) -> String {
    let Some((kind, said)) = change.as_object().and_then(|change| change.iter().next()) else {
        return change.to_string();
    };
    let node = word(&said["node"]);
    let at = || format!("{} at {node}", word(&said["sku"]));
    match kind.as_str() {
        "stock" => format!("+{} {}", said["units"], at()),
        "moved" => {
            let due = said["due"].as_i64().map_or_else(|| "never".to_owned(), moment::format);
            format!("{} {} due={due}", word(&said["supply"]), at())
        }
        "on_line" => format!("{node} on"),
        _ => format!("{} {kind}", at()),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn word(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
