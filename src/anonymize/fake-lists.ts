import { createHash } from 'node:crypto';

/** What a made-up value may be of. */
export const FAKE_KINDS = ['first_name', 'last_name', 'city', 'company'] as const;
export type FakeKind = (typeof FAKE_KINDS)[number];

/**
 * Made-up values by kind, common or invented, so that none points at anybody. A list is part of what landed: a change of
 * one shows in the policy's digest, and dates under the old list no longer have a shape that this version knows.
 */
export const FAKE_LISTS: Readonly<Record<FakeKind, readonly string[]>> = {
  first_name: words(`
    Adam Agnes Albert Alice Amelia Andrew Anna Anton Arthur Astrid Barbara Beatrice Bella Boris Bruno Carl Carla Cecilia
    Charles Clara Conrad Daniel Daria David Diana Dora Edgar Edith Edward Eleanor Elias Elisa Emil Emma Erik Esther Eva
    Felix Flora Florian Frances Frank Frida Gabriel George Gerda Greta Hanna Harald Hector Helen Henry Hugo Ida Igor Ingrid
    Irene Isaac Iris Ivan Jacob Jana Jasper Joan Joel Johan Judith Julia Karen Karim Klara Konrad Lara Laura Leo Leonard
    Lena Lina Linus Lucas Lydia Magnus Marcus Maria Martha Martin Mateo Max Mila Mira Nadia Nina Noah Nora Olga Oliver
    Oscar Paula Peter Philip Rachel Ralph Rita Robert Rosa Ruth Samuel Sara Simon Sofia Stella Theo Thomas Tobias Ursula
    Valentin Vera Victor Viola Walter William Xenia Yara Zora`),
  last_name: words(`
    Abbott Adler Alder Archer Ashby Bacher Baker Barlow Becker Bell Berger Bishop Blum Bower Brandt Brook Carver Castell
    Chandler Clark Cooper Cordes Cross Dahl Dale Decker Draper Dreyer Eastman Ebner Egger Elster Falk Farmer Fischer Fisher
    Fletcher Forster Foster Frey Gardner Gerber Glover Graf Greenwood Gruber Hale Harper Hayward Heller Hill Holm Hooper
    Huber Hunter Jansen Jordan Kaiser Keller Kern Kessler Kramer Kuhn Lang Larsen Linden Lorenz Marsh Mason Mayer Meadows
    Mercer Miller Moser Nash Neumann Norris Olsen Palmer Parker Peters Piper Porter Potter Reed Reeve Richter Ritter Roth
    Sawyer Schmid Seiler Shepherd Singer Slater Smith Sommer Spencer Steiner Stone Tanner Taylor Thatcher Thorne Turner
    Vogel Wagner Walker Weaver Weber Webster Wheeler Winkler Winter Wolf Wood Wright Ziegler Zimmer`),
  city: words(`
    Alderbrook Amberfield Ashbourne Ashmere Barrowby Beckfield Birchwood Blackmoor Bramley Briarton Bridgeholm Brookhaven
    Castleford Cedarville Chesterby Clearwater Coldbrook Copperhill Cranford Crosswell Dalebury Deepdale Dunmore Eastholm
    Eastmere Elderton Elmsford Fairhaven Fernhill Fieldstone Foxborough Glenmoor Goldcrest Grangeby Greenholm Greymouth
    Hallowell Harborview Hartfield Haverton Hazelmere Heathfield Highmoor Hillcrest Hollowbrook Ironbridge Ivywood
    Kingsmere Lakehurst Larchmont Lindenhof Longmeadow Lowfield Maplewood Marlowe Meadowbrook Millhaven Moorgate
    Northbrook Norwell Oakdale Oakhurst Oldcastle Pinecrest Portwell Quarrybank Ravensworth Redcliff Ridgemont Riverton
    Rockport Rosefield Rushford Saltmarsh Seaholm Shadwell Silverlake Southmere Springfield Stillwater Stonebridge
    Summerfield Sunnybank Thornbury Valebrook Waterford Wellspring Westbrook Westholm Whitmoor Willowdale Windmere
    Winterbourne Woodbridge Wolfsberg Yarrowdale`),
  company: words(`
    Abelia_Works Acorn_Supply Alder_Partners Amber_Systems Anchor_Trading Apex_Foods Arbor_Group Argon_Labs Aster_Media
    Atlas_Freight Aurora_Textiles Basalt_Build Beacon_Services Birch_Logistics Bluebell_Trade Boulder_Energy
    Breeze_Networks Bright_Tools Cedar_Holding Cobalt_Motors Compass_Travel Coral_Goods Crane_Machines Crystal_Optics
    Daisy_Stores Delta_Paper Dune_Design Eagle_Parts Echo_Sound Elm_Capital Ember_Heating Falcon_Air Fern_Gardens
    Flint_Mining Forge_Metals Garnet_Retail Glacier_Water Granite_Works Grove_Timber Harbor_Marine Hazel_Books
    Helix_Health Heron_Insurance Horizon_Data Indigo_Print Iris_Vision Ivory_Ceramics Jade_Imports Juniper_Farms
    Kestrel_Electric Lantern_Lights Larch_Housing Lilac_Care Linden_Bank Lotus_Textile Lunar_Software Magnet_Parts
    Maple_Kitchen Marble_Interiors Meadow_Dairy Meridian_Maps Mosaic_Arts Nimbus_Cloud Nova_Chemicals Oak_Furniture
    Onyx_Security Opal_Jewels Orchid_Hotels Osprey_Shipping Pebble_Toys Pine_Paper Prism_Displays Quartz_Watches
    Raven_Press Reed_Instruments Ridge_Sports River_Transport Rowan_Pharma Sage_Advice Sapphire_Events Sequoia_Invest
    Sierra_Outdoor Slate_Roofing Spruce_Homes Summit_Consulting Swift_Courier Teal_Packaging Thistle_Wool Tidal_Power
    Timber_Frames Topaz_Telecom Tulip_Flowers Umbra_Shades Vale_Organics Velvet_Fashion Verdant_Agro Vista_Tours
    Walnut_Music Willow_Baskets Zephyr_Wind`).map((name) => name.replace('_', ' ')),
};

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** What tells one version of a list from another, in the manifest: 16 hex digits of SHA-256. */
export function digestOfList(list: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('hex').slice(0, 16);
}
