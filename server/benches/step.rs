//! What one tick of a battle costs: the thick of a fight at the size of a small match and of a
//! large one, with inputs that bots gave before.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use gamera_protocol::balance::Balance;
use gamera_protocol::ids::{City, Viewer};
use gamera_protocol::input::TickInputs;
use gamera_server::bots::Level;
use gamera_server::headless::Headless;
use gamera_server::sim::{Battle, MatchConfig, Mode, Scene};

/// Inputs are recorded for so many ticks and then begin again.
const RECORDED_TICKS: usize = 300;

fn clash(seats: u16) -> MatchConfig {
    let mode = Mode::Quick { city: City::Tokyo };
    MatchConfig { mode, scene: Scene::Clash, seats, seed: 1, balance: Balance::default() }
}

fn recorded(config: &MatchConfig) -> Vec<TickInputs> {
    let mut game = Headless::new(config, Level::Normal, 1);
    let play = |_| {
        game.step();
        game.inputs().clone()
    };
    (0..RECORDED_TICKS).map(play).collect()
}

fn steps(criterion: &mut Criterion) {
    for seats in [16, 1_024] {
        let config = clash(seats);
        let inputs = recorded(&config);
        let mut battle = Battle::new(&config);
        let mut ticks = inputs.iter().cycle();
        criterion.bench_function(&format!("step/{seats} seats, {} soldiers", battle.soldiers()), |bench| {
            bench.iter(|| battle.step(black_box(ticks.next().expect("a cycle has no end"))).len());
        });
        let mut seen = Vec::new();
        criterion.bench_function(&format!("sightings/{seats} seats, one faction"), |bench| {
            bench.iter(|| {
                seen.clear();
                battle.sightings(black_box(Viewer::Sdf), &mut seen);
                seen.len()
            });
        });
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
