use gamera_protocol::{balance::Balance, ids::*, measure::*};
use gamera_server::{bots::*, headless::*, sim::*};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let (seat, from, to, every): (u16, u32, u32, u32) =
        (a[1].parse().unwrap(), a[2].parse().unwrap(), a[3].parse().unwrap(), a[4].parse().unwrap());
    let seed = a.get(5).map_or(1, |s| s.parse().unwrap());
    let config =
        MatchConfig { mode: Mode::Campaign, scene: Scene::Opening, seats: 16, seed, balance: Balance::default() };
    let mut g = Headless::new(&config, Level::Normal, seed);
    while g.battle().tick() < Tick(ticks(to)) && !g.battle().is_over() {
        let ev = g.step().to_vec();
        let t = g.battle().tick();
        if t < Tick(ticks(from)) {
            continue;
        }
        for e in ev {
            println!("   * {} {:?} {:?}", e.kind, e.at.map(|p| p.to_m()), e.seat);
        }
        if t.0 % every == 0 {
            let o = g.battle().own_view(SeatId(seat));
            let tv = g.battle().team_view(Viewer::Spectator);
            let i = g.inputs().seats.iter().find(|s| s.0.0 == seat).unwrap().1;
            println!(
                "{:4}.{:02} {} {:?} {:?} {:?} v{} hp{} car{} sq{} ch{:?} | verb {:?} head {:?} aim {:?} | G {:?} Q {:?} legion {:?} fl {:?}",
                t.0 / 30,
                t.0 % 30,
                o.role,
                o.life,
                o.mover.pos.to_m(),
                o.mover.gait,
                o.mover.velocity.speed() / 64,
                o.health,
                o.carried,
                o.squad,
                o.channel,
                i.verb,
                i.heading,
                i.aim,
                tv.gamera.map(|g| (g.state, g.health_permille, g.mobbed, g.timer_s)),
                tv.queen.map(|q| (q.state, q.health_permille, q.horn_permille)),
                tv.legion.map(|l| (l.mass, l.silicon)),
                tv.cities[tv.city.index()].flower.map(|f| (f.stage, f.oxygen, f.launch_s))
            );
        }
    }
    println!("{:?}", g.battle().verdict());
}
