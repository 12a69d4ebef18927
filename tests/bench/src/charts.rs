//! Charts, as SVG.

use std::error::Error;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::results::{Curve, Results};

type Result = std::result::Result<(), Box<dyn Error + Send + Sync>>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const FONT: &str = "sans-serif";
const INK: RGBColor = RGBColor(40, 44, 52);
const PALE: RGBColor = RGBColor(222, 225, 230);
const COLOURS: [RGBColor; 3] = [RGBColor(26, 115, 96), RGBColor(206, 112, 28), RGBColor(110, 118, 135)];

pub fn write(folder: &Path, results: &Results) -> Result {
    std::fs::create_dir_all(folder)?;
    ratios(
        &folder.join("beside-rmcp.svg"),
        "What an operation costs, of what it costs with rmcp",
        &beside(results),
    )?;
    growth(&folder.join("growth.svg"), results)
}

/// A bar: what, and how much of what the other one takes.
type Bar = (&'static str, Option<f64>);

fn beside(results: &Results) -> Vec<(&'static str, Vec<Bar>)> {
    let count = |what: &str| results.count_ratio(&format!("tokio/{what}"), &format!("rmcp/{what}"));
    let time = |case, of| results.ratio(case, of).map(|spread| spread.median);
    let held = |who| results.held_net(who, crate::goals::SESSIONS).map(|(bytes, _)| bytes);
    vec![
        (
            "instructions, in memory",
            vec![
                ("tool call", count("call-typed")),
                ("connect and close", count("connect")),
                ("1 MB result", count("large-typed")),
                ("list of 1,000 tools", count("list-1000")),
            ],
        ),
        ("heap", vec![("of a live session", held("tokio").zip(held("rmcp")).map(|(own, rmcp)| own / rmcp))]),
        (
            "time",
            vec![
                ("tool call in memory, one thread", time("tokio/call-typed", "rmcp/call-typed")),
                (
                    "tool call in memory, two workers",
                    time("tokio-workers/call-typed", "rmcp-workers/call-typed"),
                ),
                ("64 callers at once", time("tokio-workers/callers-64", "rmcp-workers/callers-64")),
                ("tool call over stdio, one thread", time("tokio/stdio-call", "rmcp/stdio-call")),
                (
                    "tool call over stdio, two workers",
                    time("tokio-workers/stdio-call", "rmcp-workers/stdio-call"),
                ),
                ("connect and close over stdio", time("tokio/stdio-connect", "rmcp/stdio-connect")),
                ("tool call over HTTP, JSON", time("tokio/http-json", "rmcp/http-json")),
                ("tool call over HTTP, SSE", time("tokio/http-events", "rmcp/http-events")),
            ],
        ),
    ]
}

const LINE: i32 = 26;
/// Where bars begin, and how long one is that is 1.
const LEFT: i32 = 270;
const ONE: i32 = 420;
/// How much room a bar's number takes behind it.
const LABEL: i32 = 40;
/// Longer bars are cut.
const MOST: f64 = 1.12;

/// Bars that lie, with a line where both would be equal.
fn ratios(file: &Path, title: &str, groups: &[(&str, Vec<Bar>)]) -> Result {
    let lines = groups.iter().map(|(_, bars)| bars.len() + 1).sum::<usize>();
    let height = 70 + LINE * i32::try_from(lines)? + 30;
    let area = SVGBackend::new(file, (820, u32::try_from(height)?)).into_drawing_area();
    area.fill(&WHITE)?;
    write_text(&area, title, (20, 28), 18, INK, HPos::Left)?;
    let mut y = 58;
    let top = y;
    for (name, bars) in groups {
        write_text(&area, name, (20, y + LINE / 2), 13, COLOURS[2], HPos::Left)?;
        y += LINE;
        for (label, ratio) in bars {
            bar(&area, y, label, *ratio)?;
            y += LINE;
        }
    }
    let one = LEFT + ONE;
    area.draw(&PathElement::new([(one, top), (one, y)], INK.stroke_width(1)))?;
    write_text(&area, "rmcp = 1", (one, y + 14), 13, INK, HPos::Center)?;
    area.present()?;
    Ok(())
}

#[allow(clippy::cast_possible_truncation, reason = "pixels")]
fn bar(area: &Area<'_>, y: i32, label: &str, ratio: Option<f64>) -> Result {
    write_text(area, label, (LEFT - 10, y + LINE / 2), 14, INK, HPos::Right)?;
    let Some(ratio) = ratio else {
        return write_text(area, "not measured", (LEFT + 6, y + LINE / 2), 13, COLOURS[2], HPos::Left);
    };
    let end = LEFT + (f64::from(ONE) * ratio.min(MOST)) as i32;
    let colour = if ratio <= 1.0 { COLOURS[0] } else { COLOURS[1] };
    area.draw(&Rectangle::new([(LEFT, y + 5), (end, y + LINE - 5)], colour.filled()))?;
    let cut = if ratio > MOST { ", cut" } else { "" };
    // Behind the line at one, where it would stand on it.
    let one = LEFT + ONE;
    let start = if (end..=end + LABEL).contains(&one) { one } else { end };
    write_text(area, &format!("{ratio:.2}{cut}"), (start + 6, y + LINE / 2), 13, INK, HPos::Left)
}

fn write_text(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    size: i32,
    colour: RGBColor,
    anchor: HPos,
) -> Result {
    let style = (FONT, size).into_font().color(&colour).pos(Pos::new(anchor, VPos::Center));
    area.draw(&Text::new(text.to_owned(), at, style))?;
    Ok(())
}

/// Four panels, both axes logarithmic.
fn growth(file: &Path, results: &Results) -> Result {
    let area = SVGBackend::new(file, (980, 720)).into_drawing_area();
    area.fill(&WHITE)?;
    let panels = area.split_evenly((2, 2));
    let sessions = ["tokio", "rmcp"].map(|who| Curve {
        name: if who == "tokio" { "tenure" } else { "rmcp" },
        points: results
            .held
            .iter()
            .filter_map(|(count, _)| Some((f64::from(*count), results.held_net(who, *count)?.0)))
            .collect(),
    });
    let all: [(&str, &[Curve]); 4] = [
        ("time of a call, by callers at once", &results.callers),
        ("time of a call, by bytes of its result", &results.payloads),
        ("heap of a session, by sessions", &sessions),
        ("time of a waiter that gives up, by waiters", &results.waiters),
    ];
    for (panel, (title, curves)) in panels.iter().zip(all) {
        lines(panel, title, curves)?;
    }
    area.present()?;
    Ok(())
}

/// All as multiples of the first point of the first curve.
fn lines(area: &Area<'_>, title: &str, curves: &[Curve]) -> Result {
    let Some(&(least, unit)) = curves.first().and_then(|curve| curve.points.first()) else { return Ok(()) };
    let points = || curves.iter().flat_map(|curve| &curve.points).map(|(x, y)| (*x, y / unit));
    let most = points().map(|(x, _)| x).fold(least, f64::max);
    let (low, high) = points().fold((1.0_f64, 1.0_f64), |(low, high), (_, y)| (low.min(y), high.max(y)));
    let mut chart = ChartBuilder::on(area)
        .caption(title, (FONT, 16).into_font().color(&INK))
        .margin(14)
        .margin_right(40)
        .x_label_area_size(34)
        .y_label_area_size(56)
        .build_cartesian_2d((least..most).log_scale(), (low / 2.0..high * 2.0).log_scale())?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(PALE)
        .light_line_style(TRANSPARENT)
        .axis_style(INK)
        .label_style((FONT, 12).into_font().color(&INK))
        .y_label_formatter(&|y| if is_round(*y) { format!("{y}×") } else { String::new() })
        .x_label_formatter(&|x| crate::table::number(*x))
        .draw()?;
    for (curve, colour) in curves.iter().zip(COLOURS) {
        let points = curve.points.iter().map(|(x, y)| (*x, y / unit));
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)).point_size(3))?
            .label(curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .border_style(TRANSPARENT)
        .draw()?;
    Ok(())
}

/// 1, 2 or 5 of its power of ten: others would stand on each other on a logarithmic axis.
fn is_round(value: f64) -> bool {
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0].iter().any(|digit| (value / power - digit).abs() < 1e-6)
}
