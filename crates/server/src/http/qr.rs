//! Links as QR codes in a terminal.

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

/// A QR code of half blocks, light on dark as most terminals are; empty for a text that is too long for one.
pub fn qr(text: &str) -> String {
    let code = QrCode::with_error_correction_level(text, EcLevel::L);
    let draw = |code: QrCode| code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build();
    code.map(draw).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_drawn_and_too_long_a_text_is_not() {
        let drawn = qr(&format!("https://ward.example:8443/#wbserver1{}", "q".repeat(110)));
        assert!(drawn.lines().count() > 20 && drawn.contains('\u{2580}'), "{drawn}");
        assert!(qr(&"x".repeat(10_000)).is_empty());
    }
}
